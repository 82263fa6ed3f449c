import type { ClientHttp2Stream } from 'node:http2';
import type { Dispatcher, Pool } from 'undici';
import { forwardTrailers } from '../forwarded-headers.ts';
import { type Attempt, type AttemptSink, type OutboundRequest, UpstreamError } from '../message.ts';
import { claimNextStream } from './http2-stream-claim.ts';
import { MAX_INTERIM_RESPONSES } from './max-interim-responses.ts';
import { RequestBodyStream } from './request-body-stream.ts';
import { sendableHeaders } from './sendable-request.ts';
import { fieldList, type RawFields, responseFields } from './undici-response-head.ts';
import { UpstreamClock } from './upstream-clock.ts';
import type { ConnectionErrors } from './upstream-connector.ts';
import { type AttemptStage, upstreamError } from './upstream-error.ts';

type Controller = Dispatcher.DispatchController;

/** What all attempts at one target share. */
export interface AttemptBase {
  readonly pool: Pool;
  readonly connectionErrors: ConnectionErrors;
  /** TLS name of the target. */
  readonly servername: string;
  /** True when HTTP/2 may be spoken, whose field names are lower case (RFC 9113 §8.2). */
  readonly maySpeakH2: boolean;
  readonly responseTimeoutMs: number;
  readonly idleBodyTimeoutMs: number;
  readonly maxConnections: number;
  /** Attempts that are not over. */
  running: number;
}

const GIVEN_UP = new UpstreamError('reset', 'The exchange was given up.');

/** One request on its way through undici, told to its sink. */
export class UndiciAttempt implements Attempt, Dispatcher.DispatchHandler {
  readonly #base: AttemptBase;
  readonly #sink: AttemptSink;
  readonly #options: Dispatcher.DispatchOptions;
  readonly #body: RequestBodyStream | null = null;
  readonly #clock: UpstreamClock | null = null;
  #controller: Controller | null = null;
  /** Over HTTP/2. */
  #stream: ClientHttp2Stream | null = null;
  #stage: AttemptStage = 'connecting';
  #interims = 0;
  #sized = false;
  #dispatchedAgain = false;
  #over = false;
  readonly #foundAllTaken: boolean;

  /** @throws {TypeError} when undici would not take the request */
  constructor(base: AttemptBase, request: OutboundRequest, sink: AttemptSink) {
    this.#base = base;
    this.#sink = sink;
    const headers = sendableHeaders(request, base.maySpeakH2);
    this.#foundAllTaken = base.running >= base.maxConnections;
    base.running++;
    if (request.body !== null) {
      const body = new RequestBodyStream(request.body);
      body.on('error', (error) => this.#fail(error));
      this.#body = body;
      this.#clock = new UpstreamClock(
        () => body.waitsForClient || this.#controller?.paused === true,
        () => this.#expired(),
      );
    }
    // undici's own limits, which also find HTTP/2 connections that died, cannot tell an upstream that is slow from one
    // that waits for the client's body.
    const timed = this.#clock === null;
    const options: Dispatcher.DispatchOptions & { servername: string } = {
      path: request.path,
      method: request.method as Dispatcher.HttpMethod,
      headers,
      body: this.#body,
      headersTimeout: timed ? base.responseTimeoutMs : 0,
      bodyTimeout: timed ? base.idleBodyTimeoutMs : 0,
      // Never by Host: with `preserve_host` that is the client's word, and not who the certificate is for.
      servername: base.servername,
    };
    this.#options = options;
    this.#dispatchSoon();
  }

  get queued(): boolean {
    return this.#foundAllTaken && this.#stage === 'connecting' && !this.#over;
  }

  resume(): void {
    this.#clock?.touch();
    this.#controller?.resume();
  }

  abort(): void {
    if (!this.#over) this.#close(GIVEN_UP);
  }

  onRequestStart(controller: Controller): void {
    // Nothing has been written yet: thrown here, undici drops the request and keeps the connection.
    if (this.#over) throw GIVEN_UP;
    this.#controller = controller;
    this.#stage = 'head';
    if (this.#base.maySpeakH2) {
      claimNextStream((stream) => {
        this.#stream = stream;
      });
    }
    this.#clock?.start(this.#base.responseTimeoutMs);
    this.#sink.onSent?.();
  }

  onBodySent(): void {
    this.#clock?.touch();
  }

  onRequestSent(): void {
    this.#clock?.touch();
  }

  onResponseStart(controller: Controller, status: number, _headers: unknown, statusMessage?: string): void {
    if (this.#over) return;
    let fields: string[];
    try {
      fields = responseFields(controller.rawHeaders as RawFields, status);
      if (status < 200 && ++this.#interims > MAX_INTERIM_RESPONSES) {
        throw new UpstreamError('protocol', `More than ${MAX_INTERIM_RESPONSES} interim responses.`);
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (status < 200) {
      this.#clock?.touch();
      this.#sink.onInterim(status, fields);
      return;
    }
    this.#stage = this.#stream === null ? 'body' : 'h2_body';
    this.#sized = fields.at(-2) === 'Content-Length';
    this.#clock?.start(this.#base.idleBodyTimeoutMs);
    this.#sink.onHead(status, statusMessage ?? '', fields);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    // undici's parser gives an empty chunk when it goes on after a pause; pausing again on it would stop the answer for
    // ever.
    if (this.#over || chunk.length === 0) return;
    this.#clock?.touch();
    if (!this.#sink.onData(chunk)) controller.pause();
  }

  onResponseEnd(controller: Controller): void {
    if (this.#over) return;
    const broken = this.#base.connectionErrors.current;
    if (broken !== null || (this.#stream?.rstCode && !this.#sized)) {
      this.#fail(new UpstreamError('reset', 'The connection broke in the middle of the body.', broken));
      return;
    }
    this.#close(null);
    this.#sink.onEnd(forwardTrailers(fieldList(controller.rawTrailers as RawFields)));
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    if (this.#over) return;
    // A kept connection broke while undici was looking whether it still stands: nothing was sent, nothing can happen
    // twice, and it says nothing of the target.
    if (
      this.#stage === 'connecting' &&
      !this.#dispatchedAgain &&
      this.#base.connectionErrors.isOfConnection(error)
    ) {
      this.#dispatchedAgain = true;
      this.#dispatchSoon();
      return;
    }
    this.#fail(error);
  }

  /**
   * Never at once: this may be a turn of one of undici's parsers, where another response has just ended, and a second
   * parser must not run within the first.
   */
  #dispatchSoon(): void {
    queueMicrotask(() => {
      if (!this.#over) this.#base.pool.dispatch(this.#options, this);
    });
  }

  #expired(): void {
    const kind = this.#stage === 'head' ? 'headers_timeout' : 'body_timeout';
    this.#fail(new UpstreamError(kind, 'The upstream was silent for too long.'));
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    const told = upstreamError(error, this.#stage);
    this.#close(told);
    this.#sink.onError(told);
  }

  #close(reason: Error | null): void {
    this.#over = true;
    this.#base.running--;
    this.#clock?.stop();
    // undici leaves alone a body that it has not read to its end when the answer came.
    this.#body?.destroy();
    if (reason === null) return;
    this.#stream?.destroy();
    this.#controller?.abort(reason);
  }
}
