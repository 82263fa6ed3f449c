import { describe, expect, it } from 'vitest';
import { hashText } from '../../../../src/upstream/balance/hash-text.ts';

const TEXTS = Array.from({ length: 2000 }, (_, nth) => `http://10.0.${nth >> 8}.${nth & 255}:80`);

describe('a hash of a text', () => {
  it('is a whole number of 32 bits, the same each time', () => {
    for (const text of ['', 'a', 'ü€😀', ...TEXTS]) {
      const hash = hashText(text);
      expect([Number.isInteger(hash), hash >= 0, hash < 2 ** 32]).toEqual([true, true, true]);
      expect(hashText(text)).toBe(hash);
    }
  });

  it('changes each of its bits half of the time when one bit of the last character changes', () => {
    const changes = Array.from({ length: 32 }, () => 0);
    for (const text of TEXTS) {
      const difference = hashText(`${text}a`) ^ hashText(`${text}c`);
      for (let bit = 0; bit < 32; bit++) changes[bit]! += (difference >>> bit) & 1;
    }
    // Five standard deviations are 112.
    for (const count of changes) expect(Math.abs(count - TEXTS.length / 2)).toBeLessThan(115);
  });
});
