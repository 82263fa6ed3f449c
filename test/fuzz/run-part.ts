import fc from 'fast-check';
import { caseFromText, caseToText, type FuzzCheck, type FuzzPart } from './fuzz-part.ts';

/** Each block has a seed of its own, so that what is found late is soon found again, and no run keeps much. */
const BLOCK = 1_000;
/** So long a failing case is made smaller. */
const SHRINK_MS = 10_000;
/** Counts say something from so many cases on. */
const TELLING = 100;

export interface FuzzRun {
  readonly cases: number;
  readonly seed: number;
  /** Failures after which a part is given up. */
  readonly maxFailures?: number;
  readonly onBlock?: (done: number) => void;
}

export interface FuzzResult {
  readonly done: number;
  readonly counts: Readonly<Record<string, number>>;
  /** What breaks the claim, each with how to see it again. */
  readonly failures: readonly string[];
}

/** Runs a part over generated cases. */
export async function runPart<Case>(part: FuzzPart<Case>, run: FuzzRun): Promise<FuzzResult> {
  await using check = await part.open();
  const failures: string[] = [];
  let done = 0;
  while (done < run.cases && failures.length < (run.maxFailures ?? 1)) {
    const seed = run.seed + done / BLOCK;
    const numRuns = Math.min(BLOCK, run.cases - done);
    let shrinkUntil = Number.POSITIVE_INFINITY;
    const property = fc.asyncProperty(part.cases, async (one) => {
      if (performance.now() > shrinkUntil) return;
      const found = await check.difference(one).catch((error: Error) => error.stack ?? error.message);
      if (found === null) return;
      shrinkUntil = Math.min(shrinkUntil, performance.now() + SHRINK_MS);
      throw new Error(found);
    });
    const details = await fc.check(property, { seed, numRuns });
    done += numRuns;
    if (details.failed) failures.push(failureText(part, seed, details));
    run.onBlock?.(done);
  }
  if (failures.length === 0 && done >= TELLING) failures.push(...tooFew(check, done));
  return { done, counts: { ...check.counts }, failures };
}

/** Looks at one case again, as it was printed. */
export async function replay<Case>(part: FuzzPart<Case>, encoded: string): Promise<string | null> {
  await using check = await part.open();
  // Waited for here, because the part is closed when this returns.
  return await check.difference(caseFromText(Buffer.from(encoded, 'base64').toString()) as Case);
}

function failureText<Case>(part: FuzzPart<Case>, seed: number, details: fc.RunDetails<[Case]>): string {
  const text = caseToText(details.counterexample?.[0]);
  return [
    `${part.name}: not so: ${part.claim}`,
    String((details.errorInstance as Error | null)?.message ?? details.errorInstance),
    `case: ${text}`,
    `again: FUZZ_SEED=${seed} FUZZ_CASES=${details.numRuns} npm run fuzz -- ${part.name}`,
    `the case alone: npm run fuzz -- ${part.name} ${Buffer.from(text).toString('base64')}`,
  ].join('\n');
}

function tooFew({ counts, least }: Pick<FuzzCheck<never>, 'counts' | 'least'>, done: number): string[] {
  return Object.entries(least)
    .filter(([name, share]) => (counts[name] ?? 0) < share * done)
    .map(
      ([name, share]) => `Only ${counts[name] ?? 0} of ${done} cases were "${name}", not ${share * 100} %.`,
    );
}
