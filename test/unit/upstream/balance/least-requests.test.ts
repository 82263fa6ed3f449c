import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeastRequests } from '../../../../src/upstream/balance/least-requests.ts';
import { seededRandom } from '../../../helpers/seeded-random.ts';
import { candidates, shares } from './candidates.ts';

describe('least requests', () => {
  it('of two, always takes the one that has less to do for its weight', () => {
    const [a, b] = candidates(1, 4);
    const balancer = new LeastRequests(seededRandom(1));
    a!.inFlight = 1;
    b!.inFlight = 6;
    for (let nth = 0; nth < 50; nth++) expect(balancer.pick([a!, b!])).toBe(b);
    b!.inFlight = 8;
    for (let nth = 0; nth < 50; nth++) expect(balancer.pick([a!, b!])).toBe(a);
  });

  it('among many, never takes the busiest', () => {
    const among = candidates(1, 1, 1, 1, 1);
    among[2]!.inFlight = 5;
    const balancer = new LeastRequests(seededRandom(2));
    const counts = shares(among, () => balancer.pick(among), 1000);
    expect(counts[2]).toBe(0);
    for (const count of counts.toSpliced(2, 1)) expect(count).toBeGreaterThan(150);
  });

  it('gives each its share by weight while nothing is under way', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(weights, fc.integer(), (weights, seed) => {
        const among = candidates(...weights);
        const balancer = new LeastRequests(seededRandom(seed));
        const total = weights.reduce((sum, weight) => sum + weight);
        const counts = shares(among, () => balancer.pick(among), 4000);
        // Four and a half standard deviations of a share of one half are 142.
        counts.forEach((count, at) => {
          expect(Math.abs(count - (4000 * weights[at]!) / total)).toBeLessThan(160);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('keeps what is under way in proportion to the weights when attempts pile up', () => {
    const among = candidates(1, 3);
    const balancer = new LeastRequests(seededRandom(3));
    for (let nth = 0; nth < 400; nth++) balancer.pick(among).inFlight++;
    expect(Math.abs(among[0]!.inFlight - 100)).toBeLessThanOrEqual(2);
  });

  it('is not led astray by numbers at the ends of their range', () => {
    for (const random of [() => 0, () => 1 - 2 ** -53]) {
      const among = candidates(0.1, 0.2, 0.7);
      expect(among).toContain(new LeastRequests(random).pick(among));
    }
  });
});
