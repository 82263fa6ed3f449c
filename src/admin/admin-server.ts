import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Address, AdminConfig } from '../config/gateway-config.ts';
import { createServer } from '../http/node-http.ts';
import type { Logger } from '../observe/log.ts';
import type { AdminBackend } from './admin-backend.ts';
import { AdminError, AdminStartError } from './admin-error.ts';
import { AdminGuard } from './admin-guard.ts';
import { type AdminAnswer, type AdminParts, answerAdmin, isOpen, type LiveAnswer } from './admin-routes.ts';
import { LiveStreams } from './live/live-streams.ts';
import { isLoopback } from './loopback.ts';
import { Page } from './page/page.ts';

/** Operators and scrapers are few, and their requests are small: whatever takes longer or more is not one. */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16 * 1024,
} as const;
const SOCKET_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 128;
const MAX_BODY_BYTES = 64 * 1024;

export interface AdminServerOptions {
  readonly config: AdminConfig;
  readonly backend: AdminBackend;
  /** Where the live page was built. */
  readonly pageFolder: string;
  readonly log: Pick<Logger, 'info' | 'error'>;
}

/** The admin API on a port of its own, so that no route and no firewall rule for the gateway's port can expose it. */
export class AdminServer {
  readonly #config: AdminConfig;
  readonly #parts: AdminParts;
  readonly #streams: LiveStreams;
  readonly #log: AdminServerOptions['log'];
  readonly #guard: AdminGuard;
  readonly #server: Server;
  #closing = false;

  /** @throws {AdminStartError} `ADMIN_TOKEN_REQUIRED` */
  constructor({ config, backend, pageFolder, log }: AdminServerOptions) {
    this.#config = config;
    this.#log = log;
    this.#guard = new AdminGuard(config);
    this.#parts = { backend, page: new Page(pageFolder), tokenRequired: this.#guard.tokenRequired };
    this.#streams = new LiveStreams({
      overview: backend.overview,
      history: backend.history,
      events: backend.events,
      onError: (err) => log.error({ err }, 'the overview of the admin API failed'),
    });
    this.#server = createServer(LIMITS, (request, response) => void this.#serve(request, response));
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.timeout = SOCKET_TIMEOUT_MS;
  }

  /** @throws {AdminStartError} */
  async listen(): Promise<Address> {
    const { listen, token } = this.#config;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen(listen.port, listen.host, () => {
          this.#server.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      const reason = (error as Error).message;
      throw new AdminStartError('ADMIN_LISTEN_FAILED', `the admin API could not listen: ${reason}`, error);
    }
    // Such as EMFILE: one connection could not be accepted; the next may be.
    this.#server.on('error', (err) => this.#log.error({ err }, 'an admin connection could not be accepted'));
    const { address, port } = this.#server.address() as AddressInfo;
    if (token === null && !isLoopback(address)) {
      await this.close(0);
      throw new AdminStartError(
        'ADMIN_TOKEN_REQUIRED',
        `admin.listen "${listen.host}" is ${address} here: set admin.token`,
      );
    }
    return { host: address, port };
  }

  /** Ends streams at once, and lets running requests finish, for at most `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    this.#closing = true;
    this.#streams.close();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const timer = setTimeout(() => this.#server.closeAllConnections(), timeoutMs);
    timer.unref();
    await closed;
    clearTimeout(timer);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers, method = '', url: target = '' } = request;
    try {
      this.#guard.check({ headers, open: isOpen({ method, target }) });
      await discardBody(request);
      const { accept = '' } = headers;
      const lastEventId = String(headers['last-event-id'] ?? '');
      const answer = await answerAdmin(this.#parts, { method, target, accept, lastEventId });
      if ('after' in answer) this.#stream(response, answer);
      else {
        if (answer.action !== undefined) this.#noteAction(answer.action, request);
        this.#send(response, 200, answer);
      }
    } catch (error) {
      if (request.errored === null) this.#refuse(error, request, response);
    }
  }

  #noteAction(action: string, request: IncomingMessage): void {
    const from = request.socket.remoteAddress ?? 'unknown';
    this.#log.info({ action, from }, `[ADMIN] ${action}`);
    this.#parts.backend.events.tell({ type: 'admin', at: Date.now(), action, from });
  }

  /** Its connection is for nothing else, so that the end of the stream is its end too. */
  #stream(response: ServerResponse, { after }: LiveAnswer): void {
    const { req: request, socket } = response;
    if (request.method !== 'HEAD') this.#streams.checkRoom();
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      Connection: 'close',
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    // Whoever does not read is found by what waits for them.
    socket?.setTimeout(0);
    this.#streams.join(response, after);
  }

  #refuse(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    const requestId = randomUUID();
    const known = error instanceof AdminError ? error : internal();
    if (known !== error) this.#log.error({ err: error, request_id: requestId }, 'the admin API failed');
    // What is left of the body must not be read as the next request.
    if (!request.complete) response.setHeader('Connection', 'close');
    for (const [name, value] of Object.entries(known.headers)) response.setHeader(name, value);
    const { code, message } = known;
    this.#send(response, known.status, {
      contentType: 'application/json; charset=utf-8',
      body: `${JSON.stringify({ error: { code, message, request_id: requestId } })}\n`,
    });
  }

  #send(response: ServerResponse, status: number, { contentType, body, headers }: AdminAnswer): void {
    if (this.#closing) response.setHeader('Connection', 'close');
    response.writeHead(status, {
      'Content-Type': contentType,
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...headers,
    });
    response.end(body);
  }
}

function internal(): AdminError {
  return new AdminError('INTERNAL_ERROR', 'The admin API failed; the log of the gateway says why.');
}

/** Reads a body away. Nothing here takes one, but clients send empty objects. */
async function discardBody(request: IncomingMessage): Promise<void> {
  let bytes = 0;
  // Not the plain iterator: leaving that one early destroys the connection, and with it the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES)
      throw new AdminError('BODY_TOO_LARGE', 'The admin API takes no bodies of this size.');
  }
}
