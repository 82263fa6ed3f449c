import { describe, expect, it } from 'vitest';
import {
  eventLine,
  failureKind,
  failureSummary,
  upstreamOf,
} from '../../../../src/dashboard/words/event-words.ts';
import type { FailureSample, GatewayEvent, TransitionEvent } from '../../../../src/observe/gateway-event.ts';
import { breakerReason } from '../../../helpers/overview.ts';

const failure = (parts: Partial<FailureSample>): FailureSample => ({
  at: 0,
  upstream: 'auth',
  route: '/auth/*',
  target: null,
  kind: 'connect',
  status: null,
  code: null,
  detail: '',
  requestId: 'r',
  ...parts,
});

const opened: TransitionEvent = {
  type: 'transition',
  at: 0,
  breaker: 'auth-http',
  upstream: 'auth',
  from: 'CLOSED',
  to: 'OPEN',
  reason: breakerReason(),
  counts: { failures: 5, successes: 0, requests: 5 },
  retryAfterMs: 60_000,
  openForMs: null,
  samples: [failure({})],
};

describe('a line of the timeline', () => {
  it.each<[string, GatewayEvent, string | null]>([
    ['auth opened: 5 failures in a row', opened, 'It asks for a probe after 1 min.'],
    [
      'auth recovered, and is closed',
      {
        ...opened,
        from: 'HALF_OPEN',
        to: 'CLOSED',
        reason: breakerReason({ rule: 'recovered' }),
        openForMs: 61_000,
        retryAfterMs: null,
      },
      'It was open for 1 min 1 s.',
    ],
    [
      'redis-cache opened: 5 failures in a row',
      { ...opened, upstream: null, breaker: 'redis-cache' },
      'It asks for a probe after 1 min.',
    ],
    [
      'auth would have opened: 5 failures in a row',
      {
        type: 'would_open',
        at: 0,
        breaker: 'auth-http',
        upstream: 'auth',
        reason: breakerReason(),
        samples: [],
      },
      'It only observes.',
    ],
    [
      'auth http://a:1 was taken out of rotation',
      {
        type: 'target',
        at: 0,
        upstream: 'auth',
        target: 'http://a:1',
        change: 'ejected',
        reason: '5 failures',
      },
      '5 failures',
    ],
    [
      'Operator: reset auth',
      { type: 'admin', at: 0, action: 'reset auth', from: '127.0.0.1' },
      'from 127.0.0.1',
    ],
    ['A worker died', { type: 'gateway', at: 0, what: 'worker_died', detail: 'worker 1' }, 'worker 1'],
  ])('says "%s"', (words, event, aside) => {
    const line = eventLine(event);
    expect(line.subject === null ? line.sentence : `${line.subject} ${line.sentence}`).toBe(words);
    expect(line.aside).toBe(aside);
  });

  it('has the failures that made a breaker open', () => {
    expect(eventLine(opened).samples).toHaveLength(1);
  });

  it('belongs to an upstream, or to none', () => {
    expect(upstreamOf(opened)).toBe('auth');
    expect(upstreamOf({ type: 'admin', at: 0, action: 'a', from: 'b' })).toBeNull();
  });
});

describe('failures', () => {
  it('are called by what says most in a word', () => {
    expect(failureKind(failure({ code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
    expect(failureKind(failure({ kind: 'status', status: 503 }))).toBe('status 503');
    expect(failureKind(failure({ kind: 'headers_timeout' }))).toBe('headers timeout');
  });

  it('are summed up by kind, the most frequent first', () => {
    const timeouts = [failure({ kind: 'headers_timeout' })];
    const refused = [failure({ code: 'ECONNREFUSED' }), failure({ code: 'ECONNREFUSED' })];
    expect(failureSummary([...timeouts, ...refused])).toBe('2 × ECONNREFUSED, 1 × headers timeout');
  });
});
