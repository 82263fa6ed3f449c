import { renderError } from '../http/error-body.ts';
import type { HeaderList, InboundReply, InboundRequest } from '../http/message.ts';
import type { Refusal } from '../http/refusal.ts';

/**
 * Answers with the gateway's own error.
 *
 * @param also fields beside those of the error
 * @returns the number of body bytes
 */
export function sendRefusal(
  refusal: Refusal,
  request: InboundRequest,
  reply: InboundReply,
  { requestId, also = [] }: { requestId: string; also?: HeaderList },
): number {
  const answer = renderError(refusal, { requestId, accept: request.header('accept') });
  reply.head(answer.status, '', also.length === 0 ? answer.headers : [...answer.headers, ...also]);
  reply.end(answer.body);
  return answer.body.length;
}
