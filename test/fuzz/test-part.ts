import { expect, it } from 'vitest';
import type { FuzzPart } from './fuzz-part.ts';
import { runPart } from './run-part.ts';

/** A part as a test: a short run with a seed of its own, or `FUZZ_CASES` cases from `FUZZ_SEED` on. */
export function testPart<Case>(part: FuzzPart<Case>): void {
  const cases = Number(process.env.FUZZ_CASES ?? part.short);
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
  it(`${part.claim} (seed ${seed}, ${cases} cases)`, { timeout: 60_000 + cases * 100 }, async () => {
    console.info(`FUZZ_SEED=${seed} FUZZ_CASES=${cases} npm run fuzz -- ${part.name}`);
    const { failures } = await runPart(part, { cases, seed });
    expect(failures).toEqual([]);
  });
}
