import type { ExchangeReply } from './exchange-reply.ts';
import type { ExchangeSite } from './exchange-site.ts';
import type { UpstreamCall } from './upstream-call.ts';

/**
 * Whom an exchange waits for. `client`: it sends its body too slowly, or does not read the answer. `slot`: of a
 * bulkhead. `connection`: all of the target's are taken. `upstream`: none of these.
 */
export type WaitedFor = 'client' | 'slot' | 'connection' | 'upstream';

/** Whom an exchange was waiting for when a time limit of it was over. */
export function waitedFor(
  limit: 'head' | 'total',
  { call, site, reply }: { call: UpstreamCall | null; site: ExchangeSite; reply: ExchangeReply },
): WaitedFor {
  if (call !== null && call.target === null) return 'slot';
  if (call?.queued === true) return 'connection';
  const clientIsSlow = reply.holdsBack || site.body?.waitingForClient === true;
  return limit === 'total' && clientIsSlow ? 'client' : 'upstream';
}

/**
 * Whether the end of a time limit counts against the upstream that was waited for. That of its head does. The end of the
 * route's time counts against whoever was waited for most of it: one that was asked last must not pay for those before it,
 * nor for a queue, nor for a client that took its time with its body or with the answer. The end of the client's own
 * patience never counts.
 */
export function countsAgainst(
  limit: 'head' | 'total',
  { clientsDeadline, deadlines }: ExchangeSite,
): boolean {
  return limit === 'head' || (!clientsDeadline && 2 * deadlines.waitedMs() >= deadlines.elapsedMs());
}
