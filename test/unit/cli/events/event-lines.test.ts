import { describe, expect, it } from 'vitest';
import { eventLines } from '../../../../src/cli/events/event-lines.ts';
import { paletteFor } from '../../../../src/cli/terminal/palette.ts';
import type { FailureSample, GatewayEvent, TransitionEvent } from '../../../../src/observe/gateway-event.ts';
import { openBreaker } from '../an-overview.ts';
import { FakeScreen } from '../fake-io.ts';

/** In the zone of whoever runs the test, as the lines are. */
const AT = new Date(2026, 0, 31, 12, 0, 5).getTime();
const reason = openBreaker().reason!;

const sample: FailureSample = {
  at: AT - 1000,
  upstream: 'auth',
  route: '/auth/*',
  target: 'http://127.0.0.1:8081',
  kind: 'connect',
  status: null,
  code: 'ECONNREFUSED',
  detail: 'connection refused',
  requestId: 'r-1',
};

const opened: TransitionEvent = {
  type: 'transition',
  at: AT,
  breaker: 'auth-service-http',
  upstream: 'auth',
  from: 'CLOSED',
  to: 'OPEN',
  reason,
  counts: { failures: 5, successes: 3, requests: 8 },
  retryAfterMs: 60_000,
  openForMs: null,
  samples: [sample],
};

const closed = { ...opened, to: 'CLOSED', samples: [], retryAfterMs: null, openForMs: 61_000 } as const;

function lines(event: GatewayEvent, env = {}): string[] {
  return eventLines({ ...event, id: 7 }, paletteFor(new FakeScreen(), env));
}

describe('an event as a line', () => {
  it('of a breaker that opened says why, what is next, and which failures came before it', () => {
    expect(lines(opened)).toEqual([
      '#7  2026-01-31 12:00:05  ✗ auth-service-http (auth) opened: max failures reached (5 failures of 8 calls); next probe in 60 s',
      '      12:00:04  /auth/* at http://127.0.0.1:8081: connection refused (ECONNREFUSED), request r-1',
    ]);
  });

  it.each<[string, GatewayEvent]>([
    [
      '✗ redis opened: forced open',
      {
        ...opened,
        breaker: 'redis',
        upstream: null,
        samples: [],
        retryAfterMs: null,
        reason: { ...reason, rule: 'forced_open', message: 'forced open', failures: 2 },
      },
    ],
    [
      '◐ auth-service-http (auth) is half-open: attempting recovery',
      { ...closed, to: 'HALF_OPEN', openForMs: null, reason: { ...reason, message: 'attempting recovery' } },
    ],
    [
      '✓ auth-service-http (auth) closed: recovery successful, 61 s after it had opened',
      { ...closed, reason: { ...reason, message: 'recovery successful' } },
    ],
    [
      '◐ auth would have opened: max failures reached (5 failures of 8 calls); it only observes',
      { type: 'would_open', at: AT, breaker: 'auth', upstream: 'auth', reason, samples: [] },
    ],
    [
      '↓ auth: http://127.0.0.1:8081 dns failed: no address',
      {
        type: 'target',
        at: AT,
        upstream: 'auth',
        target: 'http://127.0.0.1:8081',
        change: 'dns_failed',
        reason: 'no address',
      },
    ],
    [
      '↑ auth: http://127.0.0.1:8081 restored',
      {
        type: 'target',
        at: AT,
        upstream: 'auth',
        target: 'http://127.0.0.1:8081',
        change: 'restored',
        reason: '',
      },
    ],
    [
      '! operator: force open auth (from 127.0.0.1)',
      { type: 'admin', at: AT, action: 'force open auth', from: '127.0.0.1' },
    ],
    [
      '* gateway: worker died: worker 2',
      { type: 'gateway', at: AT, what: 'worker_died', detail: 'worker 2' },
    ],
  ])('%s', (expected, event) => {
    expect(lines(event)).toEqual([`#7  2026-01-31 12:00:05  ${expected}`]);
  });

  it('of a kind that only a newer gateway knows is shown as it came', () => {
    const [line] = lines({ type: 'weather', at: AT, mood: 'fine' } as never);
    expect(line).toContain('{"type":"weather"');
  });

  it('holds nothing that could turn the terminal', () => {
    const [, second] = lines({ ...opened, samples: [{ ...sample, detail: 'x\u001b[2J\ny' }] });
    expect(second).toContain('x y (ECONNREFUSED)');
  });

  it('has its colour where colours are wanted', () => {
    expect(lines(opened, { FORCE_COLOR: '1' })[0]).toContain('\u001b[31m✗');
    expect(lines(closed, { FORCE_COLOR: '1' })[0]).toContain('\u001b[32m✓');
  });
});
