import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../src/resilience/index.ts';
import { Latency } from '../../../../src/upstream/balance/latency.ts';
import { LatencyEstimate } from '../../../../src/upstream/balance/latency-estimate.ts';
import { seededRandom } from '../../../helpers/seeded-random.ts';
import { candidates, shares } from './candidates.ts';

function latencyOf(...weights: number[]) {
  const clock = new ManualClock(50);
  const balancer = new Latency(clock, seededRandom(7));
  const among = candidates(...weights);
  return {
    clock,
    balancer,
    among,
    count: (picks: number) => shares(among, () => balancer.pick(among), picks),
  };
}

describe('a latency estimate', () => {
  it('follows a peak at once and forgets it by time', () => {
    const estimate = new LatencyEstimate();
    estimate.observe(10, 0);
    estimate.observe(500, 1);
    expect(estimate.ms(1)).toBe(500);
    estimate.observe(10, 1);
    expect(estimate.ms(1)).toBe(500);
    estimate.observe(10, 10_001);
    expect(estimate.ms(10_001)).toBeCloseTo(500 / Math.E + 10 * (1 - 1 / Math.E));
  });

  it('comes down to what is usual', () => {
    const estimate = new LatencyEstimate();
    estimate.observe(500, 0);
    for (let at = 0; at < 100_000; at += 100) estimate.observe(20, at);
    expect(estimate.ms(100_000)).toBeCloseTo(20, 0);
  });
});

describe('latency', () => {
  it('prefers who answers faster', () => {
    const { balancer, among, count } = latencyOf(1, 1);
    balancer.judged(among[0]!, 'success', 100);
    balancer.judged(among[1]!, 'success', 20);
    expect(count(50)).toEqual([0, 50]);
  });

  it('prefers the slower one where the faster has more than that much more to do', () => {
    const { balancer, among, count } = latencyOf(1, 1);
    balancer.judged(among[0]!, 'success', 100);
    balancer.judged(among[1]!, 'success', 20);
    among[1]!.inFlight = 5;
    expect(count(50)).toEqual([50, 0]);
  });

  it('counts the weight', () => {
    const { balancer, among, count } = latencyOf(6, 1);
    balancer.judged(among[0]!, 'success', 100);
    balancer.judged(among[1]!, 'success', 20);
    expect(count(50)).toEqual([50, 0]);
  });

  it('tries a new one, with one request at a time', () => {
    const { balancer, among, count } = latencyOf(1, 1);
    balancer.judged(among[0]!, 'success', 20);
    expect(count(10)).toEqual([0, 10]);
    among[1]!.inFlight = 1;
    expect(count(10)).toEqual([10, 0]);
    balancer.judged(among[1]!, 'success', 5);
    expect(count(10)).toEqual([0, 10]);
  });

  it('spreads over all while nothing is known', () => {
    for (const count of latencyOf(1, 1, 1).count(300)) expect(count).toBeGreaterThan(60);
  });

  it('asks a slow one again after a while', () => {
    const { balancer, among, clock, count } = latencyOf(1, 1);
    balancer.judged(among[0]!, 'success', 1000);
    for (let second = 0; second < 60; second++) {
      clock.advance(1000);
      balancer.judged(among[1]!, 'success', 20);
    }
    expect(count(10)).toEqual([10, 0]);
  });

  it('is not attracted by one that fails fast', () => {
    const { balancer, among, count } = latencyOf(1, 1);
    balancer.judged(among[0]!, 'success', 200);
    balancer.judged(among[1]!, 'failure', 1);
    expect(count(50)).toEqual([50, 0]);
    balancer.judged(among[1]!, 'timeout', undefined);
    expect(count(50)).toEqual([50, 0]);
  });

  it('learns nothing from what was not timed', () => {
    const { balancer, among, count } = latencyOf(1, 1);
    balancer.judged(among[0]!, 'success', 20);
    balancer.judged(among[1]!, 'success', undefined);
    balancer.judged(among[1]!, 'excluded', undefined);
    expect(count(10)).toEqual([0, 10]);
  });

  it('learns from what is excluded that it takes at least so long', () => {
    const { balancer, among, count } = latencyOf(1, 1);
    balancer.judged(among[0]!, 'success', 20);
    balancer.judged(among[1]!, 'success', 10);
    balancer.judged(among[1]!, 'excluded', 15);
    balancer.judged(among[1]!, 'excluded', 5);
    expect(count(10)).toEqual([0, 10]);
    balancer.judged(among[1]!, 'excluded', 30);
    expect(count(10)).toEqual([10, 0]);
  });

  it('goes on trying a target for the first time when somebody left early, not when it hung for long', () => {
    const { balancer, among, count } = latencyOf(1, 1);
    balancer.judged(among[0]!, 'success', 20);
    balancer.judged(among[1]!, 'excluded', 500);
    expect(count(10)).toEqual([0, 10]);
    balancer.judged(among[1]!, 'excluded', 5000);
    expect(count(10)).toEqual([10, 0]);
  });
});
