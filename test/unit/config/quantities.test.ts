import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatDuration,
  formatPercent,
  formatSize,
  parseDuration,
  parsePercent,
  parseSize,
} from '../../../src/config/schema/quantities.ts';

describe('a duration', () => {
  it.each([
    ['250ms', 250],
    ['60s', 60_000],
    ['1.5s', 1500],
    ['1.1s', 1100],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['0s', 0],
  ])('%s is %i ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '60', '60 s', '-1s', '+1s', '1e3s', '.5s', '1.s', '1.5ms', '5min', '1S', 'ms', '1d', '１s'])(
    '"%s" is none',
    (text) => {
      expect(() => parseDuration(text)).toThrow();
    },
  );

  it('without unit is refused with the two units that may have been meant', () => {
    expect(() => parseDuration('60')).toThrow('60 has no unit: write 60s or 60ms');
  });

  it('is written as it is read', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000_000 }), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
      }),
    );
  });

  it('is written as people say it', () => {
    expect([1500, 60_000, 120_000, 150_000, 300_000, 7_200_000].map(formatDuration)).toEqual([
      '1500ms',
      '60s',
      '120s',
      '150s',
      '5m',
      '2h',
    ]);
  });
});

describe('a size', () => {
  it.each([
    ['1B', 1],
    ['64KiB', 65_536],
    ['1MiB', 1_048_576],
    ['1.5KiB', 1536],
    ['10kB', 10_000],
    ['10MB', 10_000_000],
    ['2GiB', 2 * 1024 ** 3],
  ])('%s is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '64', '64K', '64kib', '1.5B', '-1KiB', '99999999999999999GiB'])('"%s" is none', (text) => {
    expect(() => parseSize(text)).toThrow();
  });

  it('is written as it is read', () => {
    fc.assert(
      fc.property(fc.nat(), (bytes) => {
        expect(parseSize(formatSize(bytes))).toBe(bytes);
      }),
    );
    expect([0, 1000, 65_536, 10 * 1024 ** 2].map(formatSize)).toEqual(['0B', '1000B', '64KiB', '10MiB']);
  });
});

describe('a percentage', () => {
  it.each([
    ['50%', 50],
    ['12.5%', 12.5],
    ['0.29%', 0.29],
    ['100.00%', 100],
    ['0%', 0],
  ])('%s is %d', (text, percent) => {
    expect(parsePercent(text)).toBe(percent);
  });

  it.each(['', '%', '50', '0.5', '50 %', '-5%', '+5%', '1e1%', '.5%', '5.%', '12.345%', '50%%', '５%'])(
    '"%s" is none',
    (text) => {
      expect(() => parsePercent(text)).toThrow();
    },
  );

  it('is written as it is read', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), (hundredths) => {
        expect(parsePercent(formatPercent(hundredths / 100))).toBe(hundredths / 100);
      }),
    );
  });
});
