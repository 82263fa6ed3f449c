import type { Attributes, Span } from '@opentelemetry/api';
import { clientAddress } from '../http/client-address.ts';
import type { ExchangeRecord } from '../proxy/exchange-record.ts';
import { hostAndPort, methodOf, withoutQuery } from './http-names.ts';
import { ERROR } from './span-status.ts';

/**
 * Says on the span of a request what became of it: by the stable semantic conventions for HTTP servers (1.23 and later),
 * and in `breakwater.*` what they have no names for.
 *
 * @param trusts whether what a peer of this address says about whom it forwards for is believed
 */
export function tellEnd(span: Span, record: ExchangeRecord, trusts: (address: string) => boolean): void {
  span.setAttributes({ ...requestAttributes(record, trusts), ...endAttributes(record) });
  const error = errorType(record);
  if (error === null) return;
  span.setAttribute('error.type', error);
  span.setStatus({ code: ERROR });
}

function requestAttributes(
  { request, method, route, requestId }: ExchangeRecord,
  trusts: (address: string) => boolean,
): Attributes {
  const { host, port } = hostAndPort(request.authority, request.scheme);
  return {
    'http.request.method': methodOf(method),
    'http.request.method_original': methodOf(method) === method ? undefined : method,
    'http.route': route ?? undefined,
    'url.path': withoutQuery(request.target),
    'url.scheme': request.scheme,
    'server.address': host,
    'server.port': port,
    'client.address': clientAddress(request, trusts),
    'network.peer.address': request.remoteAddress,
    'network.protocol.version': request.httpVersion,
    'user_agent.original': request.header('user-agent'),
    'breakwater.request_id': requestId,
  };
}

function endAttributes(record: ExchangeRecord): Attributes {
  return {
    'http.response.status_code': record.status === 0 ? undefined : record.status,
    'breakwater.outcome': record.outcome,
    'breakwater.error_code': record.errorCode ?? undefined,
    'breakwater.upstream': record.upstream ?? undefined,
    'breakwater.attempts': record.attempts,
    'breakwater.fallback': record.fallback ?? undefined,
    'breakwater.cache': record.cacheStatus ?? undefined,
    'breakwater.circuit_breaker.state': record.breaker?.state,
  };
}

/** `error.type`. A 4xx is the client's mistake, and its leaving is none of anybody's; null for both. */
function errorType({ status, outcome, errorCode }: ExchangeRecord): string | null {
  if (status >= 500) return errorCode ?? String(status);
  // The answer had begun, and was cut.
  return outcome === 'upstream_failed' ? (errorCode ?? 'upstream_failed') : null;
}
