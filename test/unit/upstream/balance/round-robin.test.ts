import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RoundRobin } from '../../../../src/upstream/balance/round-robin.ts';
import { candidates } from './candidates.ts';

function picks(
  balancer: RoundRobin,
  among: readonly { url: string; weight: number; inFlight: number }[],
  count: number,
) {
  return Array.from({ length: count }, () => balancer.pick(among).url).join('');
}

describe('round robin', () => {
  it('takes equal ones in turn', () => {
    expect(picks(new RoundRobin(), candidates(1, 1, 1), 7)).toBe('abcabca');
  });

  it('spreads the turns of a heavy one', () => {
    expect(picks(new RoundRobin(), candidates(5, 1, 1), 14)).toBe('aabacaaaabacaa');
  });

  it('gives each exactly its share in every round, whatever the weights', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(weights, (weights) => {
        const balancer = new RoundRobin();
        const among = candidates(...weights);
        const round = weights.reduce((sum, weight) => sum + weight);
        for (let nth = 0; nth < 3; nth++) {
          const urls = picks(balancer, among, round);
          expect(among.map(({ url }) => urls.split(url).length - 1)).toEqual(weights);
        }
      }),
    );
  });

  it('lets one that was away come back to its share, without making up for the time', () => {
    const [a, b, c] = candidates(1, 1, 1);
    const balancer = new RoundRobin();
    picks(balancer, [a!, b!, c!], 4);
    picks(balancer, [a!, b!], 100);
    const urls = picks(balancer, [a!, b!, c!], 30);
    expect(urls.split('c').length - 1).toBeGreaterThanOrEqual(9);
    expect(urls.split('c').length - 1).toBeLessThanOrEqual(11);
  });
});
