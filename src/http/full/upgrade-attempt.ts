import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { forwardTrailers } from '../forwarded-headers.ts';
import { type Attempt, type OutboundRequest, type UpgradeSink, UpstreamError } from '../message.ts';
import type { Connect } from './httpxy-request.ts';
import { responseFields, switchedFields } from './undici-response-head.ts';
import type { UpgradeTools } from './upgrade-tools.ts';
import { UpstreamClock } from './upstream-clock.ts';
import { type AttemptStage, upstreamError } from './upstream-error.ts';

/** What an attempt at an upgrade asks of the lane that starts it. */
export interface UpgradeBase {
  readonly responseTimeoutMs: number;
  readonly idleBodyTimeoutMs: number;
  readonly maxHeadBytes: number;
  readonly maxInterims: number;
  tools(): Promise<UpgradeTools>;
  /** False until they are loaded. */
  readonly ready: boolean;
  /** The attempt is over; its socket is a tunnel's now, or null. */
  over(attempt: UpgradeAttempt, tunnel: Socket | null): void;
}

const GIVEN_UP = new UpstreamError('reset', 'The exchange was given up.');

/** One request for a WebSocket, told to its sink. */
export class UpgradeAttempt implements Attempt {
  readonly #base: UpgradeBase;
  readonly #sink: UpgradeSink;
  readonly #target: { readonly path: string; readonly headers: string[]; readonly key: string };
  readonly #clock: UpstreamClock;
  #socket: Socket | null = null;
  #response: IncomingMessage | null = null;
  #stage: AttemptStage = 'connecting';
  #interims = 0;
  #held = false;
  #over = false;

  /** @param headers as `sendableHeaders` has let them through */
  constructor(
    base: UpgradeBase,
    { path }: OutboundRequest,
    { headers, key }: { headers: string[]; key: string },
    sink: UpgradeSink,
  ) {
    this.#base = base;
    this.#sink = sink;
    this.#target = { path, headers, key };
    this.#clock = new UpstreamClock(
      () => this.#held,
      () => this.#expired(),
    );
    // Never at once: the caller has not got its attempt yet.
    base.tools().then(
      (tools) => {
        if (!this.#over) this.#send(tools);
      },
      (error) => this.#fail(error),
    );
  }

  /** It has a connection of its own, but the first has to wait until this gateway has loaded what upgrades need. */
  get queued(): boolean {
    return !this.#base.ready && !this.#over;
  }

  resume(): void {
    this.#held = false;
    this.#clock.touch();
    this.#response?.resume();
  }

  abort(): void {
    if (!this.#over) this.#close(GIVEN_UP);
  }

  /** The lane is closed. */
  end(): void {
    this.#fail(new UpstreamError('reset', 'The connections to the upstream were closed.'));
  }

  #send(tools: UpgradeTools): void {
    let request: ClientRequest;
    try {
      request = tools.sendUpgradeRequest({
        path: this.#target.path,
        headers: this.#target.headers,
        maxHeadBytes: this.#base.maxHeadBytes,
        connect: (opened) => this.#connect(tools, opened),
        onUpgrade: (response, socket) => this.#switched(response, socket),
      });
    } catch (error) {
      this.#fail(error);
      return;
    }
    // Stays to the end: what breaks after the attempt is over must not end the process.
    request.on('error', (error) => this.#fail(error));
    request.on('information', ({ statusCode, rawHeaders }) => this.#interim(statusCode, rawHeaders));
    request.on('response', (response) => this.#answered(response));
  }

  #connect(tools: UpgradeTools, opened: Parameters<Connect>[0]): void {
    this.#socket = tools.connect((error, socket) => {
      if (socket !== null && !this.#over) {
        this.#stage = 'head';
        this.#clock.start(this.#base.responseTimeoutMs);
        this.#sink.onSent?.();
      }
      opened(error, socket);
    });
  }

  #interim(status: number, rawHeaders: string[]): void {
    if (this.#over) return;
    try {
      const fields = responseFields(rawHeaders, status);
      if (++this.#interims > this.#base.maxInterims) {
        throw new UpstreamError('protocol', `More than ${this.#base.maxInterims} interim responses.`);
      }
      this.#clock.touch();
      this.#sink.onInterim(status, fields);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The upstream has refused. */
  #answered(response: IncomingMessage): void {
    if (this.#over) return;
    const status = response.statusCode ?? 0;
    let fields: string[];
    try {
      fields = responseFields(response.rawHeaders, status);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#response = response;
    this.#stage = 'body';
    this.#clock.start(this.#base.idleBodyTimeoutMs);
    response.on('data', (chunk: Buffer) => {
      if (this.#over) return;
      this.#clock.touch();
      if (this.#sink.onData(chunk)) return;
      this.#held = true;
      response.pause();
    });
    response.on('end', () => {
      if (this.#over) return;
      if (!response.complete) {
        this.#fail(new UpstreamError('reset', 'The connection broke in the middle of the body.'));
        return;
      }
      this.#close(null);
      this.#sink.onEnd(forwardTrailers(response.rawTrailers));
    });
    response.on('error', (error) => this.#fail(error));
    this.#sink.onHead(status, response.statusMessage ?? '', fields);
  }

  #switched(response: IncomingMessage, socket: Socket): void {
    if (this.#over) {
      socket.destroy();
      return;
    }
    let fields: string[];
    try {
      fields = switchedFields(response.rawHeaders, this.#target.key);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#over = true;
    this.#clock.stop();
    this.#base.over(this, socket);
    this.#sink.onSwitch(fields, socket);
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
    this.#clock.stop();
    // The request ends with it. With a reason, so that the connector stops its clock for a connection that is not open yet.
    this.#socket?.destroy(reason ?? undefined);
    this.#base.over(this, null);
  }
}
