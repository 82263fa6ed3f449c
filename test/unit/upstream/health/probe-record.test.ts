import { describe, expect, it } from 'vitest';
import { ProbeRecord } from '../../../../src/upstream/health/probe-record.ts';

const RISE = 2;
const FALL = 3;

/** `+` for a good probe, `-` for a bad one; what is known after each: `H` healthy, `U` not. */
function after(results: string): string {
  const record = new ProbeRecord();
  return [...results]
    .map((sign, nth) => {
      const before = record.healthy;
      const changed = record.note({ ok: sign === '+', detail: sign, durationMs: 1, at: nth }, RISE, FALL);
      expect(changed).toBe(before !== record.healthy);
      expect(record.last).toMatchObject({ detail: sign, at: nth });
      return record.healthy ? 'H' : 'U';
    })
    .join('');
}

describe('what probes have shown', () => {
  it.each([
    ['-', 'H'],
    ['---', 'HHU'],
    ['--+--+---', 'HHHHHHHHU'],
    ['---++', 'HHUUH'],
    ['---+-+-++', 'HHUUUUUUH'],
    ['---++---', 'HHUUHHHU'],
    ['++++', 'HHHH'],
  ])('after %s is %s, with rise 2 and fall 3', (results, expected) => {
    expect(after(results)).toBe(expected);
  });

  it('is nothing before the first, and a new target counts as healthy', () => {
    expect(new ProbeRecord()).toMatchObject({ healthy: true, last: null });
  });
});
