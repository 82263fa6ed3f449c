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
  if (call?.sent === false) return 'slot';
  if (call?.queued === true) return 'connection';
  const clientIsSlow = reply.holdsBack || site.body?.waitingForClient === true;
  return limit === 'total' && clientIsSlow ? 'client' : 'upstream';
}
