import { describe, expect, it } from 'vitest';
import { FakeTime } from '../../helpers/fake-time.ts';
import { attempts, picks, targetAt, upstreamOf, weighted } from './upstream-kit.ts';

describe('slow start', () => {
  it('lets the weight grow evenly from a tenth to the whole', async () => {
    const clock = new FakeTime();
    const target = targetAt('http://a', { weight: 20 }, { clock, slowStartMs: 10_000 });
    target.rampUp();
    const weights: number[] = [];
    for (let step = 0; step <= 4; step++) {
      weights.push(target.weight);
      await clock.advance(2500);
    }
    expect(weights.map((weight) => Math.round(weight * 10) / 10)).toEqual([2, 6.5, 11, 15.5, 20]);
    expect(target.weight).toBe(20);
  });

  it('is not for the targets that are there from the start', () => {
    const { upstream } = upstreamOf({ targets: weighted(4, 2), slowStartMs: 10_000 });
    expect(upstream.targets.map(({ weight }) => weight)).toEqual([4, 2]);
  });

  it('of no time gives the whole share at once', () => {
    const target = targetAt('http://a', { weight: 4 }, { slowStartMs: 0 });
    target.rampUp();
    expect(target.weight).toBe(4);
  });

  it('gives one that was ejected its share back step by step', async () => {
    const ejection = { consecutiveFailures: 1, baseTimeMs: 1000, maxTimeMs: 1000, maxEjected: 50 };
    const { upstream, time } = upstreamOf(
      { targets: weighted(1, 1), slowStartMs: 10_000, ejection },
      { random: () => 0 },
    );
    attempts(upstream.targets[0], 'failure');
    await time.advance(1000);
    const share = () => picks(upstream, 110).split('a').length - 1;
    expect(share()).toBe(10);
    await time.advance(10_000);
    expect(share()).toBe(55);
  });
});
