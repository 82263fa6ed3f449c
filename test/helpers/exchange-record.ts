import type { InboundRequest } from '../../src/http/message.ts';
import type { ExchangeRecord } from '../../src/proxy/exchange-record.ts';

const REQUEST: InboundRequest = {
  method: 'GET',
  target: '/auth/me?full=1',
  authority: 'gateway.example',
  httpVersion: '1.1',
  headers: ['Host', 'gateway.example'],
  remoteAddress: '127.0.0.1',
  scheme: 'http',
  body: null,
  upgrade: null,
  header: (name) => (name === 'host' ? 'gateway.example' : undefined),
};

/** The record of a plain exchange that went well, of the route `/auth/*` to `auth`. */
export function exchangeRecord(differences: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return {
    route: '/auth/*',
    upstream: 'auth',
    method: 'GET',
    status: 200,
    durationMs: 30,
    outcome: 'answered',
    errorCode: null,
    bytesOut: 10,
    requestId: 'r',
    attempts: 1,
    fallback: null,
    request: REQUEST,
    bytesIn: 0,
    target: 'http://127.0.0.1:8081',
    upstreamMs: 20,
    failure: null,
    breaker: { state: 'CLOSED' },
    cacheStatus: null,
    traceId: null,
    traceSampled: false,
    ...differences,
  };
}
