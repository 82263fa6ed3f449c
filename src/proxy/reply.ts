import { renderError } from '../http/error-body.ts';
import type { InboundReply, InboundRequest } from '../http/message.ts';
import type { Refusal } from '../http/refusal.ts';

/** Answers with the gateway's own error; returns the number of body bytes. */
export function sendRefusal(
  refusal: Refusal,
  request: InboundRequest,
  reply: InboundReply,
  requestId: string,
): number {
  const answer = renderError(refusal, { requestId, accept: request.header('accept') });
  reply.head(answer.status, '', answer.headers);
  reply.end(answer.body);
  return answer.body.length;
}
