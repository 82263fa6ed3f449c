import type { Dispatcher, Pool } from 'undici';
import { forwardTrailers } from '../forwarded-headers.ts';
import { type Attempt, type AttemptSink, type InboundBody, UpstreamError } from '../message.ts';
import { RequestBodyStream } from './request-body-stream.ts';
import { fieldList, type RawFields, responseFields } from './undici-response-head.ts';
import type { BrokenConnections } from './upstream-connector.ts';
import { upstreamError } from './upstream-error.ts';

type Controller = Dispatcher.DispatchController;

/** One request on its way through undici, told to its sink. */
export class UndiciAttempt implements Attempt, Dispatcher.DispatchHandler {
  readonly #sink: AttemptSink;
  readonly #method: string;
  readonly #connections: BrokenConnections;
  #body: RequestBodyStream | null = null;
  #controller: Controller | null = null;
  #headSeen = false;
  #bodiless = false;
  #over = false;

  constructor(sink: AttemptSink, method: string, connections: BrokenConnections) {
    this.#sink = sink;
    this.#method = method;
    this.#connections = connections;
  }

  dispatch(pool: Pool, options: Dispatcher.DispatchOptions, body: InboundBody | null): void {
    if (body !== null) {
      this.#body = new RequestBodyStream(body);
      // undici listens while it sends; an error before or after that has been dealt with, or concerns nobody.
      this.#body.on('error', (error) => this.#fail(error));
    }
    try {
      pool.dispatch({ ...options, body: this.#body }, this);
    } catch (error) {
      this.#fail(error);
    }
  }

  resume(): void {
    this.#controller?.resume();
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#release();
    this.#controller?.abort(new UpstreamError('reset', 'The exchange was given up.'));
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new UpstreamError('reset', 'The exchange was given up.'));
  }

  onResponseStart(controller: Controller, status: number, _headers: unknown, statusMessage?: string): void {
    if (this.#over) return;
    try {
      const fields = responseFields(controller.rawHeaders as RawFields, status);
      if (status < 200) {
        this.#sink.onInterim(status, fields);
        return;
      }
      this.#headSeen = true;
      this.#bodiless = this.#method === 'HEAD' || status === 204 || status === 304;
      this.#sink.onHead(status, statusMessage ?? '', fields);
    } catch (error) {
      this.#fail(error);
      controller.abort(error as Error);
    }
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    // RFC 9110 §6.4.1: such an answer has no content, so whatever this is belongs to nobody.
    if (this.#over || this.#bodiless) return;
    if (!this.#sink.onData(chunk)) controller.pause();
  }

  onResponseEnd(controller: Controller): void {
    if (this.#over) return;
    const broken = this.#connections.breaking;
    if (broken !== null) {
      this.#fail(new UpstreamError('reset', 'The connection broke in the middle of the body.', broken));
      return;
    }
    this.#over = true;
    this.#sink.onEnd(forwardTrailers(fieldList(controller.rawTrailers as RawFields)));
    this.#release();
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    this.#fail(error);
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    const told = upstreamError(error, this.#controller !== null || this.#headSeen);
    this.#sink.onError(told);
    this.#release();
    this.#controller?.abort(told);
  }

  /** The body's stream is of no use any more; undici does not end it when it answers without having read it. */
  #release(): void {
    const body = this.#body;
    if (body !== null && !body.destroyed) body.destroy();
  }
}
