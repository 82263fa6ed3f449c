import { describe, expect, it } from 'vitest';
import { eligible } from '../../../src/upstream/eligible.ts';
import type { Target } from '../../../src/upstream/target.ts';
import { targetAt } from './upstream-kit.ts';

/** As in the table of docs/targets.md: `h` healthy, `e` ejected, `u` unhealthy, `x` unhealthy and ejected. */
function targetsOf(states: string): Target[] {
  return [...states].map((state, at) => {
    const target = targetAt(`http://${state}${at}`);
    if (state === 'e' || state === 'x') {
      target.ejection.begin(
        0,
        0,
        { consecutiveFailures: 1, baseTimeMs: 1, maxTimeMs: 1, maxEjected: 50 },
        () => true,
      );
    }
    if (state === 'u' || state === 'x') {
      target.probes.note({ ok: false, detail: '503', durationMs: 1, at: 0 }, 1, 1);
    }
    return target;
  });
}

const hosts = (targets: readonly Target[]) => targets.map(({ config }) => config.hostname).join(' ');

describe('who may get an attempt', () => {
  it.each([
    ['hhh', 'h0 h1 h2'],
    ['heu', 'h0'],
    ['hxh', 'h0 h2'],
    ['eeu', 'e0 e1'],
    ['exu', 'e0'],
    ['uuu', 'u0 u1 u2'],
    ['uxu', 'u0 x1 u2'],
    ['e', 'e0'],
    ['u', 'u0'],
    ['x', 'x0'],
  ])('of %s: %s', (states, expected) => {
    expect(hosts(eligible(targetsOf(states), []))).toBe(expected);
  });

  it.each([
    ['hhh', [0], 'h1 h2'],
    ['hhh', [0, 2], 'h1'],
    ['hhh', [0, 1, 2], 'h0 h1 h2'],
    // Trying again where it may work beats one that is known to be down.
    ['heu', [0], 'h0'],
    ['eeu', [1], 'e0'],
    ['uu', [1], 'u0'],
    ['h', [0], 'h0'],
  ])('of %s after trying %j: %s', (states, tried, expected) => {
    const targets = targetsOf(states);
    const before = tried.map((at) => targets[at]!);
    expect(hosts(eligible(targets, before))).toBe(expected);
  });

  it('costs no list while all are available', () => {
    const targets = targetsOf('hhh');
    expect(eligible(targets, [])).toBe(targets);
  });
});
