import type { FastifyRequest } from 'fastify';
import type { Caller } from '../shared/dependency.ts';
import { ServiceError } from '../shared/service-error.ts';

/**
 * How long the sender of a request still waits: `X-Request-Timeout-Ms`, milliseconds from the arrival.
 *
 * @throws ServiceError 400 VALIDATION_FAILED when the header is not a positive integer
 */
export function callerOf(request: FastifyRequest): Caller {
  const { signal } = request;
  const header = request.headers['x-request-timeout-ms'];
  if (header === undefined) return { signal };
  if (typeof header !== 'string' || !/^[1-9]\d{0,8}$/.test(header)) {
    const message = 'x-request-timeout-ms: expected a whole number of milliseconds, at least 1';
    throw new ServiceError(400, 'VALIDATION_FAILED', `The request is not valid. ${message}`);
  }
  return { signal, timeoutMs: Number(header) };
}
