import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../../src/http/refusal.ts';
import { anyText } from '../../../helpers/any-text.ts';
import { exchangeRecord } from '../../../helpers/exchange-record.ts';
import { keptLog, type Line, lineOf, request } from './kit.ts';

const TRACE = 'ab'.repeat(16);

describe('a line of the access log', () => {
  it('tells of a plain exchange in this order, and leaves out what there is nothing to say of', () => {
    const { log, lines } = keptLog();
    log.finished(exchangeRecord({ durationMs: 30.126, upstreamMs: 20 }));
    const [line = {}] = lines();
    expect(Object.entries(line)).toEqual([
      ['level', 'info'],
      ['time', expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)],
      ['request_id', 'r'],
      ['client', '127.0.0.1'],
      ['method', 'GET'],
      ['host', 'gateway.example'],
      ['path', '/auth/me?full=********'],
      ['http_version', '1.1'],
      ['status', 200],
      ['outcome', 'answered'],
      ['breaker_state', 'CLOSED'],
      ['attempts', 1],
      ['route', '/auth/*'],
      ['upstream', 'auth'],
      ['target', 'http://127.0.0.1:8081'],
      ['upstream_ms', 20],
      ['total_ms', 30.13],
      ['bytes_in', 0],
      ['bytes_out', 10],
      ['msg', 'request'],
    ]);
  });

  it('tells the cause of what went wrong', () => {
    const { log, lines } = keptLog({}, { worker: 3 });
    log.finished(
      exchangeRecord({
        outcome: 'fallback',
        errorCode: 'UPSTREAM_RESET',
        failure: 'reset',
        breaker: { state: 'HALF_OPEN' },
        attempts: 3,
        fallback: 'stale',
        cacheStatus: 'breakwater; fwd=stale',
        traceId: TRACE,
        bytesIn: 7,
      }),
    );
    expect(lines()).toMatchObject([
      {
        worker: 3,
        outcome: 'fallback',
        error: 'UPSTREAM_RESET',
        failure: 'reset',
        breaker_state: 'HALF_OPEN',
        attempts: 3,
        fallback: 'stale',
        cache: 'breakwater; fwd=stale',
        trace_id: TRACE,
        bytes_in: 7,
      },
    ]);
  });

  it.each([
    ['upstream_failed', 'warn'],
    ['rejected', 'warn'],
    ['answered', 'info'],
    ['client_gone', 'info'],
    ['refused', 'info'],
  ] as const)('of one that is %s is of the level %s', (outcome, level) => {
    const { log, lines } = keptLog();
    log.finished(exchangeRecord({ outcome }));
    expect(lines()).toMatchObject([{ outcome, level }]);
  });

  it.each<[string, string | undefined]>([
    [`00-${TRACE}-${'1'.repeat(16)}-01`, TRACE],
    [`cc-${TRACE}-${'1'.repeat(16)}-01-more`, TRACE],
    [`00-${TRACE}-${'1'.repeat(16)}-01-more`, undefined],
    [`ff-${TRACE}-${'1'.repeat(16)}-01`, undefined],
    [`00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, undefined],
    [`00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
    [`00-${TRACE.toUpperCase()}-${'1'.repeat(16)}-01`, undefined],
    ['x', undefined],
  ])('takes the trace id from the traceparent %s: %s', (traceparent, id) => {
    expect(lineOf({ headers: ['Traceparent', traceparent] }).trace_id).toBe(id);
  });

  it('has header fields only if they are asked for, all their values, and none that opens doors', () => {
    const headers = [
      'User-Agent',
      'curl',
      'X-A',
      '1',
      'x-a',
      '2',
      'Authorization',
      'Bearer s3cret',
      'X-Key',
      'k',
    ];
    expect(lineOf({ headers })).not.toHaveProperty('headers');
    const requestHeaders = ['user-agent', 'x-a', 'authorization', 'x-key', 'referer'];
    expect(lineOf({ headers }, { requestHeaders, redact: ['x_key'] }).headers).toEqual({
      'user-agent': 'curl',
      'x-a': '1, 2',
      authorization: '********',
      'x-key': '********',
    });
    expect(lineOf({ headers }, { requestHeaders: ['referer'] })).not.toHaveProperty('headers');
  });

  it('is bounded, whatever the client sends', () => {
    const long = 'x'.repeat(100_000);
    const line = lineOf(
      { method: long, authority: long, target: `/${long}`, headers: ['Referer', long] },
      { requestHeaders: ['referer'] },
    ) as Record<string, string>;
    expect(line.method).toHaveLength(64);
    expect(line.path).toHaveLength(2_048);
    expect(line.path?.at(-1)).toBe('…');
    expect(line.host).toHaveLength(256);
    expect((line.headers as unknown as Line).referer).toHaveLength(256);
  });

  it('can neither be broken nor obeyed, whatever the client sends', () => {
    fc.assert(
      fc.property(anyText, anyText, (path, value) => {
        const { log, texts } = keptLog({ query: 'keep', requestHeaders: ['x'] });
        const hostile = request({ target: `/${path}`, authority: value, headers: ['X', value] });
        log.finished(exchangeRecord({ request: hostile, method: value }));
        const [text = '', ...more] = texts();
        expect(more).toEqual([]);
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(Object.values(JSON.parse(text) as Line).join()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });

  it('of what was refused while its head was read has what is known for sure', () => {
    const { log, lines } = keptLog({ sample: 0 });
    log.headRefused(new Refusal('HEADERS_TOO_LARGE', ''), '203.0.113.9');
    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        client: '203.0.113.9',
        status: 431,
        outcome: 'refused',
        error: 'HEADERS_TOO_LARGE',
        msg: 'request',
      },
    ]);
  });
});
