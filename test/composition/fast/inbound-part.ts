import type { FuzzCheck, FuzzPart } from '../../fuzz/fuzz-part.ts';
import { HandOverWatch } from '../../fuzz/hand-over-watch.ts';
import { lineDifference } from '../../fuzz/line-difference.ts';
import { Recorder } from './recorder.ts';
import { requestStream } from './request-streams.ts';

class InboundCheck implements FuzzCheck<Buffer[]> {
  readonly counts = { handled: 0, 'handed over': 0, 'not handed over': 0 };
  // The streams are no proof of anything if they are all handed over, or none is, or nothing is handled.
  readonly least = { handled: 0.5, 'handed over': 0.1, 'not handed over': 0.1 };
  readonly #full: Recorder;
  readonly #fast: Recorder;
  readonly #handOvers = new HandOverWatch();

  constructor(full: Recorder, fast: Recorder) {
    this.#full = full;
    this.#fast = fast;
  }

  async difference(pieces: Buffer[]): Promise<string | null> {
    const expected = await this.#full.outcomeOf(pieces);
    this.#handOvers.times = 0;
    const got = await this.#fast.outcomeOf(pieces);
    if (expected.seen.length > 0) this.counts.handled++;
    this.counts[this.#handOvers.times > 0 ? 'handed over' : 'not handed over']++;
    return lineDifference('full', expected, 'fast', got);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#handOvers[Symbol.dispose]();
    await this.#full.close();
    await this.#fast.close();
  }
}

export const inboundPart: FuzzPart<Buffer[]> = {
  name: 'inbound',
  claim: 'the fast lane does with any bytes of a client what the full lane does',
  long: 15_000,
  short: 300,
  cases: requestStream,
  open: async () => new InboundCheck(await Recorder.start('full'), await Recorder.start('fast')),
};
