import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConsistentHash } from '../../../../src/upstream/balance/consistent-hash.ts';
import { candidates, shares } from './candidates.ts';

const weights = fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 2, maxLength: 8 });
const KEYS = Array.from({ length: 200 }, (_, nth) => `user-${nth}`);

describe('consistent hashing', () => {
  it('gives a key the same target, in every process and in whatever order they stand', () => {
    fc.assert(
      fc.property(weights, fc.string(), (weights, key) => {
        const among = candidates(...weights);
        const one = new ConsistentHash().pick(among, key);
        expect(new ConsistentHash().pick(among.toReversed(), key)).toBe(one);
      }),
    );
  });

  it('moves the keys of a target that leaves, no others, and gives them back when it returns', () => {
    fc.assert(
      fc.property(weights, fc.nat(), (weights, nth) => {
        const among = candidates(...weights);
        const balancer = new ConsistentHash();
        const leaving = among[nth % among.length]!;
        const staying = among.filter((candidate) => candidate !== leaving);
        for (const key of KEYS) {
          const before = balancer.pick(among, key);
          const after = balancer.pick(staying, key);
          if (before !== leaving) expect(after).toBe(before);
          expect(balancer.pick(among, key)).toBe(before);
        }
      }),
    );
  });

  it('moves keys only to a target whose weight grows', () => {
    const among = candidates(1, 1, 1);
    const balancer = new ConsistentHash();
    const before = KEYS.map((key) => balancer.pick(among, key));
    among[1]!.weight = 2;
    KEYS.forEach((key, nth) => {
      const after = balancer.pick(among, key);
      if (after !== before[nth]) expect(after).toBe(among[1]);
    });
  });

  it.each([[[1, 1, 1, 1]], [[1, 2, 5]], [[10, 1]], [[0.1, 1, 1]]])(
    'spreads keys by the weights %j',
    (weights) => {
      const among = candidates(...weights);
      const balancer = new ConsistentHash();
      const total = weights.reduce((sum, weight) => sum + weight);
      const counts = shares(among, (nth) => balancer.pick(among, `10.0.${nth >> 8}.${nth & 255}`), 20_000);
      counts.forEach((count, at) => {
        // Five standard deviations of a share of one half.
        expect(Math.abs(count - (20_000 * weights[at]!) / total)).toBeLessThan(360);
      });
    },
  );

  it('spreads the keys of one that leaves over all the others', () => {
    const among = candidates(1, 1, 1, 1);
    const balancer = new ConsistentHash();
    const keys = Array.from({ length: 4000 }, (_, nth) => String(nth)).filter(
      (key) => balancer.pick(among, key) === among[0],
    );
    const counts = shares(among.slice(1), (nth) => balancer.pick(among.slice(1), keys[nth]!), keys.length);
    for (const count of counts) expect(count).toBeGreaterThan(keys.length / 4);
  });

  it('goes round robin without a key', () => {
    const among = candidates(1, 1, 1);
    const balancer = new ConsistentHash();
    const urls = Array.from({ length: 6 }, () => balancer.pick(among, null).url).join('');
    expect(urls).toBe('abcabc');
  });
});
