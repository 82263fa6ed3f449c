import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { caseFromText, caseToText, type FuzzPart } from './fuzz-part.ts';
import { replay, runPart } from './run-part.ts';

interface Piece {
  readonly bytes: Buffer;
}

/** Claims that no piece has a byte of this value. */
function partWithout(value: number, least: Readonly<Record<string, number>> = {}): FuzzPart<Piece> {
  return {
    name: 'toy',
    claim: `no ${value}`,
    long: 1,
    short: 1,
    cases: fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => ({ bytes: Buffer.from(bytes) })),
    open: async () => {
      let closed = false;
      return {
        counts: { seen: 1 },
        least,
        difference: async ({ bytes }) => {
          await turn();
          if (closed) throw new Error('closed already');
          return [...bytes].includes(value) ? `has ${value}` : null;
        },
        [Symbol.asyncDispose]: async () => {
          closed = true;
        },
      };
    },
  };
}

it('a case that breaks a claim is found again by its seed, and looked at again alone', async () => {
  const first = await runPart(partWithout(7), { cases: 2_500, seed: 4, maxFailures: 2 });
  expect(first.failures).toHaveLength(2);
  const [failure = ''] = first.failures;
  expect(failure).toMatch(/^toy: not so: no 7\nhas 7\ncase: \{"bytes":\{"latin1":".*\\u0007.*"\}\}\n/);
  const [, seed, cases] = /FUZZ_SEED=(\d+) FUZZ_CASES=(\d+) npm run fuzz -- toy/.exec(failure) ?? [];
  const again = await runPart(partWithout(7), { cases: Number(cases), seed: Number(seed) });
  expect(again.failures).toEqual([failure]);
  const [, encoded = ''] = /npm run fuzz -- toy (\S+)$/.exec(failure) ?? [];
  expect(await replay(partWithout(7), encoded)).toBe('has 7');
  expect(await replay(partWithout(8), encoded)).toBeNull();
});

it('a run that has seen too little of what it is about fails', async () => {
  const { failures } = await runPart(partWithout(300, { seen: 0.5 }), { cases: 200, seed: 1 });
  expect(failures).toEqual(['Only 1 of 200 cases were "seen", not 50 %.']);
  expect((await runPart(partWithout(300, { seen: 0.001 }), { cases: 200, seed: 1 })).failures).toEqual([]);
});

it('a case keeps its bytes as text', () => {
  const one = { pieces: [Buffer.from([0, 13, 255])], pause: 'none' };
  expect(caseFromText(caseToText(one))).toEqual(one);
});
