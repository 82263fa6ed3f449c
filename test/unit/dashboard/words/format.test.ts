import { describe, expect, it } from 'vitest';
import { ago, countdown, latency, left, listOf, rate, span } from '../../../../src/dashboard/words/format.ts';

describe('what people read', () => {
  it('rates have as many places as they need', () => {
    expect([0, 0.01, 0.44, 12.34, 340.4, 12_345].map(rate)).toEqual([
      '0',
      '<0.1',
      '0.4',
      '12.3',
      '340',
      '12.3K',
    ]);
  });

  it('latencies change their unit', () => {
    expect([null, 0.44, 9.96, 12.4, 999, 1254].map(latency)).toEqual([
      '–',
      '0.4 ms',
      '10 ms',
      '12 ms',
      '999 ms',
      '1.25 s',
    ]);
  });

  it('spans are told in their two largest units', () => {
    const seconds = [0.8, 42, 60, 200, 7500, 100_000];
    expect(seconds.map((one) => span(one * 1000))).toEqual([
      '800 ms',
      '42 s',
      '1 min',
      '3 min 20 s',
      '2 h 5 min',
      '1 d 3 h',
    ]);
  });

  it('what is left never says 0 before it is over', () => {
    expect([41_001, 1, 0, -5].map(left)).toEqual(['42 s', '1 s', '0 s', '0 s']);
    expect([41_001, 60_000, 297_000, 7_300_000].map(countdown)).toEqual(['42', '1:00', '4:57', '2 h']);
    expect([999, 1000, 61_000].map(ago)).toEqual(['just now', '1 s ago', '1 min 1 s ago']);
  });

  it('lists end with "and", and long ones with how many more there are', () => {
    expect(
      [[], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd']].map((names) => listOf(names)),
    ).toEqual(['', 'a', 'a and b', 'a, b and c', 'a, b and 2 more']);
  });
});
