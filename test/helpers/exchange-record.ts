import type { ExchangeRecord } from '../../src/proxy/exchange-record.ts';

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
    ...differences,
  };
}
