import { forwardRequestHeaders } from '../http/forwarded-headers.ts';
import type { HeaderList, OutboundRequest } from '../http/message.ts';
import type { Target } from '../upstream/target.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { ExchangeSite } from './exchange-site.ts';
import type { AttemptTrace } from './exchange-trace.ts';

/**
 * What a target is asked.
 *
 * @param conditional fields to send in place of the client's own conditional ones; null: those stay
 */
export function outboundRequest(
  { request, context, admission, body }: ExchangeSite,
  upstream: Upstream,
  target: Target,
  conditional: HeaderList | null,
): OutboundRequest {
  const headers = forwardRequestHeaders(request, {
    host: upstream.config.preserveHost ? request.authority : target.authority,
    via: context.via,
    trusted: context.trustedPeers.trusts(request.remoteAddress),
    requestId: admission.requestId,
  });
  return {
    method: request.method,
    path: admission.path,
    headers: conditional === null ? headers : withConditional(headers, conditional),
    body,
  };
}

/** A cache's conditional fields take the place of the client's: it asks for what it has stored itself. */
function withConditional(headers: HeaderList, conditional: HeaderList): string[] {
  const out: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    if (!CONDITIONAL.test(name)) out.push(name, headers[at + 1] as string);
  }
  out.push(...conditional);
  return out;
}

const CONDITIONAL = /^if-(?:none-match|modified-since|match|unmodified-since|range)$/i;

/** The same with the trace's own fields in place of the client's. @param trace null: nobody traces it */
export function traced(
  request: OutboundRequest,
  trace: Pick<AttemptTrace, 'fields'> | null,
): OutboundRequest {
  if (trace === null || trace.fields.length === 0) return request;
  const headers: string[] = [];
  for (let at = 0; at < request.headers.length; at += 2) {
    const name = request.headers[at] as string;
    if (!TRACE_CONTEXT.test(name)) headers.push(name, request.headers[at + 1] as string);
  }
  return { ...request, headers: [...headers, ...trace.fields] };
}

const TRACE_CONTEXT = /^trace(?:parent|state)$/i;
