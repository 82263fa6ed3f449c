import { describe, expect, it } from 'vitest';
import { duration, elapsed, listed, percent, shortNumber } from '../../../../src/cli/terminal/words.ts';

describe('words', () => {
  it.each([
    [1, '1 s'],
    [47_001, '48 s'],
    [120_000, '120 s'],
    [121_000, '2 min 1 s'],
    [180_000, '3 min'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [3_605_000, '1 h'],
    [90_000_000, '1 d 1 h'],
    [-5, '1 s'],
  ])('%i ms are %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('what is past is not rounded up, what is left is', () => {
    expect([elapsed(1999), duration(1001)]).toEqual(['1 s', '2 s']);
  });

  it('a number never takes more than six characters', () => {
    expect([0, 9999, 10_000, 999_949, 999_950, 12_345_678, 4_294_967_295].map(shortNumber)).toEqual([
      '0',
      '9999',
      '10.0k',
      '999.9k',
      '1.0M',
      '12.3M',
      '4.3G',
    ]);
  });

  it('percent have one decimal at most', () => {
    expect([0, 33.333, 100].map(percent)).toEqual(['0%', '33.3%', '100%']);
  });

  it('a long list says how many more there are', () => {
    expect(listed([])).toBe('');
    expect(listed(['a'])).toBe('a');
    expect(listed(['a', 'b', 'c', 'd'])).toBe('a, b, c and d');
    expect(listed(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
  });
});
