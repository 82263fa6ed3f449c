import { expect, it } from 'vitest';
import { newsOf } from '../../../../src/dashboard/words/news.ts';
import type { NumberedEvent } from '../../../../src/observe/gateway-event.ts';
import type { BreakerReason, BreakerState } from '../../../../src/resilience/index.ts';
import { breakerReason } from '../../../helpers/overview.ts';

const change = (breaker: string, to: BreakerState, rule: BreakerReason['rule']): NumberedEvent => ({
  id: 1,
  type: 'transition',
  at: 1,
  breaker,
  upstream: breaker,
  from: to === 'CLOSED' ? 'HALF_OPEN' : 'CLOSED',
  to,
  reason: breakerReason({ rule }),
  counts: { failures: 0, successes: 0, requests: 0 },
  retryAfterMs: null,
  openForMs: null,
  samples: [],
});

it('tells of outages that begin and end, not of every probe in between', () => {
  expect(newsOf([change('auth', 'OPEN', 'consecutive_failures')])).toBe('auth opened: 5 failures in a row.');
  expect(
    newsOf([change('auth', 'HALF_OPEN', 'open_time_over'), change('auth', 'OPEN', 'probe_failed')]),
  ).toBe('');
  expect(newsOf([change('auth', 'HALF_OPEN', 'open_time_over'), change('auth', 'CLOSED', 'recovered')])).toBe(
    'auth recovered, and is closed.',
  );
});

it('tells the last of many changes, and how many there are', () => {
  const many = Array.from({ length: 200 }, (_, number) => change(`s${number}`, 'CLOSED', 'recovered'));
  expect(newsOf(many)).toBe(
    '200 changes, the last of them: s197 recovered, and is closed. s198 recovered, and is closed. s199 recovered, and is closed.',
  );
});
