import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  fastify,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import type { Lifecycle } from './lifecycle.ts';
import { ServiceError } from './service-error.ts';

/** The largest request body in bytes: the largest real one, a student, has under 1 KiB. */
const BODY_LIMIT = 64 * 1024;
/** Milliseconds for a whole request to arrive. */
const REQUEST_TIMEOUT = 30_000;
/**
 * Milliseconds that an idle connection is kept. Longer than the gateway keeps its side (60 s), so that the
 * gateway is the one that closes and never sends a request into a connection that is being closed.
 */
const KEEP_ALIVE_TIMEOUT = 75_000;

const codes: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  404: 'NOT_FOUND',
  408: 'REQUEST_TIMEOUT',
  413: 'BODY_TOO_LARGE',
  414: 'URI_TOO_LONG',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  431: 'HEADERS_TOO_LARGE',
};

function errorBody(error: ServiceError, requestId: string): object {
  return {
    error: { code: error.code, message: error.message, ...error.details, request_id: requestId },
  };
}

/** A fastify of our own, with the one shape of errors, request ids, limits and timeouts. */
export function createHttpApp(log: Logger, lifecycle: Lifecycle): FastifyInstance {
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    http: { headersTimeout: REQUEST_TIMEOUT },
    genReqId: requestId,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    // While stopping, what still arrives on open connections is answered.
    return503OnClosing: false,
    clientErrorHandler: refuseMalformed,
    frameworkErrors: (error, request, reply: FastifyReply) => {
      const known = toServiceError(error);
      reply.status(known.status).send(errorBody(known, request.id));
    },
  });
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onSend', async (_request, reply) => {
    // Or a request that was running at the signal would leave its connection open for KEEP_ALIVE_TIMEOUT.
    if (lifecycle.phase === 'stopping') reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, url, id } = request;
    log.debug(
      { method, url, request_id: id, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    );
  });
  app.setNotFoundHandler(async (request) => {
    throw new ServiceError(404, 'NOT_FOUND', `There is no ${request.method} ${request.url}`);
  });
  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const known = toServiceError(error);
    logFailure(log, known, request.id);
    return reply.status(known.status).headers(known.headers).send(errorBody(known, request.id));
  });
  return app;
}

/** A refusal without a cause, such as an open breaker's, is not news: the breaker has logged why. */
function logFailure(log: Logger, { status, code, message, cause }: ServiceError, requestId: string): void {
  if (status === 500) log.error({ err: cause, code, request_id: requestId }, message);
  else if (status > 500 && cause) log.warn({ cause: String(cause), code, request_id: requestId }, message);
}

/** The caller's id when it is harmless in logs and headers, else a new one. */
function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

function toServiceError(error: Error & { statusCode?: number }): ServiceError {
  if (error instanceof ServiceError) return error;
  const status = error.statusCode ?? 500;
  // fastify's own errors below 500 speak about the request; anything else could tell internals.
  if (status >= 400 && status < 500) {
    return new ServiceError(status, codes[status] ?? 'BAD_REQUEST', error.message, { cause: error });
  }
  return new ServiceError(500, 'INTERNAL_ERROR', 'The service failed; its log has the request_id', {
    cause: error,
  });
}

/** What llhttp refuses never becomes a request; the answer is written by hand and the connection closed. */
function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'Request Header Fields Too Large']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'Request Timeout']
        : [400, 'Bad Request'];
  const known = new ServiceError(Number(status), codes[Number(status)] ?? 'BAD_REQUEST', String(reason));
  const body = JSON.stringify(errorBody(known, randomUUID()));
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
