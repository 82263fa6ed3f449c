import type { FastifyReply } from 'fastify';
import type { Caller } from '../shared/dependency.ts';
import { ServiceError } from '../shared/service-error.ts';

/**
 * Who waits for a reply, and for how long: `X-Request-Timeout-Ms`, milliseconds from now.
 *
 * @throws ServiceError 400 VALIDATION_FAILED when the header is not a positive integer
 */
export function callerOf(reply: FastifyReply): Caller {
  return { signal: goneSignal(reply), timeoutMs: timeoutOf(reply.request.headers['x-request-timeout-ms']) };
}

/**
 * Aborted when the connection ends before the answer is sent. fastify's `request.signal` is no help: it is
 * aborted as soon as the request's body has been read.
 */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('the client has gone'));
  });
  return gone.signal;
}

function timeoutOf(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^[1-9]\d{0,8}$/.test(header)) return Number(header);
  const message = 'expected a whole number of milliseconds, at least 1';
  throw new ServiceError(
    400,
    'VALIDATION_FAILED',
    `The request is not valid. x-request-timeout-ms: ${message}`,
    {
      details: { fields: [{ field: 'x-request-timeout-ms', message }] },
    },
  );
}
