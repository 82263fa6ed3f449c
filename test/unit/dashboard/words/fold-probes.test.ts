import { describe, expect, it } from 'vitest';
import { foldProbes } from '../../../../src/dashboard/words/fold-probes.ts';
import type { NumberedEvent } from '../../../../src/observe/gateway-event.ts';
import type { BreakerReason, BreakerState } from '../../../../src/resilience/index.ts';
import { breakerReason } from '../../../helpers/overview.ts';

const change = (at: number, to: BreakerState, rule: BreakerReason['rule'], breaker = 'a'): NumberedEvent => ({
  id: at,
  type: 'transition',
  at,
  breaker,
  upstream: breaker,
  from: 'CLOSED',
  to,
  reason: breakerReason({ rule }),
  counts: { failures: 0, successes: 0, requests: 0 },
  retryAfterMs: null,
  openForMs: null,
  samples: [],
});

const told = (events: readonly NumberedEvent[]) =>
  foldProbes(events).map(({ event, failedProbes, since }) => [event.at, failedProbes, since]);

describe('the timeline', () => {
  it('tells probes that fail one after the other as one entry, where the last one stands', () => {
    const events = [
      change(1, 'OPEN', 'consecutive_failures'),
      change(2, 'HALF_OPEN', 'open_time_over'),
      change(3, 'OPEN', 'probe_failed'),
      change(4, 'OPEN', 'consecutive_failures', 'b'),
      change(5, 'HALF_OPEN', 'open_time_over'),
      change(6, 'OPEN', 'probe_lost'),
      change(7, 'HALF_OPEN', 'open_time_over'),
      change(8, 'CLOSED', 'recovered'),
      change(9, 'HALF_OPEN', 'open_time_over', 'b'),
    ];
    expect(told(events)).toEqual([
      [9, 0, 9],
      [8, 0, 8],
      [7, 0, 7],
      [6, 2, 3],
      [4, 0, 4],
      [1, 0, 1],
    ]);
  });

  it('keeps apart what another change of the breaker has parted', () => {
    const events = [
      change(1, 'OPEN', 'probe_failed'),
      change(2, 'HALF_OPEN', 'released'),
      change(3, 'OPEN', 'probe_failed'),
    ];
    expect(told(events)).toEqual([
      [3, 1, 3],
      [2, 0, 2],
      [1, 1, 1],
    ]);
  });
});
