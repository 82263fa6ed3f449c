import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FastLane } from '../../../src/http/fast/inbound/fast-lane.ts';
import { Recorder } from './recorder.ts';
import { requestStream } from './request-streams.ts';

/** `FUZZ_CASES` for more, `FUZZ_SEED` to see a failure again, which prints its seed. */
const CASES = Number(process.env.FUZZ_CASES ?? 500);
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() & 0x7fffffff);

let full: Recorder;
let fast: Recorder;

beforeAll(async () => {
  full = await Recorder.start('full');
  fast = await Recorder.start('fast');
});
afterAll(async () => {
  await full.close();
  await fast.close();
});

describe('the fast lane', () => {
  it('does with any bytes what the full lane does', async () => {
    const handedOver = vi.spyOn(fast.lane.lane as FastLane, 'handOver');
    let streams = 0;
    let requests = 0;
    await fc.assert(
      fc.asyncProperty(requestStream, async (pieces) => {
        const expected = await full.outcomeOf(pieces);
        expect(await fast.outcomeOf(pieces)).toEqual(expected);
        streams++;
        requests += expected.seen.length;
      }),
      { numRuns: CASES, seed: SEED },
    );
    // The streams are no proof of anything if they are all handed over, or none is, or nothing is handled.
    expect(handedOver.mock.calls.length).toBeGreaterThan(streams / 10);
    expect(handedOver.mock.calls.length).toBeLessThan((9 * streams) / 10);
    expect(requests).toBeGreaterThan(streams);
  }, 3_600_000);
});
