import type fc from 'fast-check';

/** One claim about any bytes, and how to look for bytes that break it. */
export interface FuzzPart<Case> {
  readonly name: string;
  /** What is claimed of every case, as the name of a test. */
  readonly claim: string;
  /** Cases in a long run, and in `make test`. */
  readonly long: number;
  readonly short: number;
  readonly cases: fc.Arbitrary<Case>;
  open(): Promise<FuzzCheck<Case>>;
}

export interface FuzzCheck<Case> extends AsyncDisposable {
  /** Null when the claim holds of this case; else what breaks it, for somebody to read. */
  difference(one: Case): Promise<string | null>;
  /** How often what has happened: cases in which nothing does prove nothing. */
  readonly counts: Readonly<Record<string, number>>;
  /** For each count the least share of all cases that it has to have, from 0 to 1. */
  readonly least: Readonly<Record<string, number>>;
}

/** A case as one line of text that can be read and given back, bytes as latin1. */
export function caseToText(one: unknown): string {
  return JSON.stringify(one, (_key, value) =>
    value?.type === 'Buffer' ? { latin1: Buffer.from(value.data).toString('latin1') } : value,
  );
}

export function caseFromText(text: string): unknown {
  return JSON.parse(text, (_key, value) =>
    typeof value?.latin1 === 'string' ? Buffer.from(value.latin1, 'latin1') : value,
  );
}
