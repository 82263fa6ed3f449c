import { describe, expect, it } from 'vitest';
import { openedBecause, transitionWords } from '../../../../src/dashboard/words/reason-words.ts';
import type { BreakerReason, BreakerState } from '../../../../src/resilience/index.ts';
import { breakerReason } from '../../../helpers/overview.ts';

describe('why a breaker opened', () => {
  it.each<[string, Partial<BreakerReason>]>([
    ['5 failures in a row', {}],
    ['1 failure in a row', { threshold: 1 }],
    ['5 failures in a row', { rule: 'failures' }],
    ['5 failures in 9 calls', { rule: 'failures', requests: 9 }],
    ['5 failures within 30 s', { rule: 'failures', requests: 9, windowMs: 30_000 }],
    [
      '55.6% of 9 calls within 30 s failed',
      { rule: 'failure_rate', requests: 9, windowMs: 30_000, threshold: 50 },
    ],
    ['80% of 10 calls were too slow', { rule: 'slow_call_rate', requests: 10, slowCalls: 8, threshold: 80 }],
    ['the probe failed', { rule: 'probe_failed', threshold: null }],
    ['the probe got no answer in time', { rule: 'probe_lost', threshold: null }],
    ['an operator holds it open', { rule: 'forced_open', threshold: null }],
  ])('is said as "%s"', (words, reason) => {
    expect(openedBecause(breakerReason(reason))).toBe(words);
  });
});

describe('a change of state', () => {
  it.each<[string, BreakerState, BreakerState, Partial<BreakerReason>]>([
    ['opened: 5 failures in a row', 'CLOSED', 'OPEN', {}],
    ['stays open: the probe failed', 'HALF_OPEN', 'OPEN', { rule: 'probe_failed' }],
    ['half-opened: it lets a probe through', 'OPEN', 'HALF_OPEN', { rule: 'open_time_over' }],
    ['recovered, and is closed', 'HALF_OPEN', 'CLOSED', { rule: 'recovered' }],
    ['was reset by an operator', 'OPEN', 'CLOSED', { rule: 'reset' }],
    ['is held open by an operator', 'CLOSED', 'OPEN', { rule: 'forced_open' }],
    ['is held closed by an operator', 'OPEN', 'CLOSED', { rule: 'forced_closed' }],
    ['was released, and probes', 'OPEN', 'HALF_OPEN', { rule: 'released' }],
    ['was released', 'CLOSED', 'CLOSED', { rule: 'released' }],
    ['goes on where the last process stopped', 'CLOSED', 'OPEN', { rule: 'restored' }],
  ])('is said as "%s"', (words, from, to, reason) => {
    expect(transitionWords(from, to, breakerReason(reason))).toBe(words);
  });
});
