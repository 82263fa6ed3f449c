import type { FuzzCheck, FuzzPart } from '../../fuzz/fuzz-part.ts';
import { difference } from './differences.ts';
import { rawAnswers } from './raw-answers.ts';
import { type RawAnswer, TwoLanes } from './two-lanes.ts';

/** Long enough for any piece to have been read on a busy machine. */
const UNHURRIED_MS = 30;

class OutboundCheck implements FuzzCheck<RawAnswer> {
  readonly counts = { passed: 0, refused: 0, 'used again': 0, slow: 0 };
  readonly least = { passed: 0.2, refused: 0.1, 'used again': 0.01 };
  readonly #lanes: TwoLanes;

  constructor(lanes: TwoLanes) {
    this.#lanes = lanes;
  }

  async difference(answer: RawAnswer): Promise<string | null> {
    if ((await this.#compare(answer, 0)) === null) return null;
    this.counts.slow++;
    // Once more, and slowly: only then is a difference not one of time.
    return this.#compare(answer, UNHURRIED_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lanes[Symbol.asyncDispose]();
  }

  async #compare(answer: RawAnswer, settleMs: number): Promise<string | null> {
    const undici = await this.#lanes.tell('undici', answer, settleMs);
    const fast = await this.#lanes.tell('fast', answer, settleMs);
    if (fast.error === 'protocol') this.counts.refused++;
    else if (fast.calls.endsWith('end')) this.counts.passed++;
    if (fast.reused === true) this.counts['used again']++;
    return difference(answer, undici, fast);
  }
}

export const outboundPart: FuzzPart<RawAnswer> = {
  name: 'outbound',
  claim: 'the fast lane tells of any bytes of an upstream what undici tells',
  long: 10_000,
  short: 300,
  cases: rawAnswers,
  open: async () => new OutboundCheck(await TwoLanes.start()),
};
