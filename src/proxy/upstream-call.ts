import type { Duplex } from 'node:stream';
import { forwardRequestHeaders } from '../http/forwarded-headers.ts';
import {
  type Attempt,
  type HeaderList,
  type UpgradeSink,
  UpstreamError,
  type UpstreamErrorKind,
} from '../http/message.ts';
import type { Refusal } from '../http/refusal.ts';
import { type Bulkhead, type Outcome, type Permit, REFUSED } from '../resilience/index.ts';
import type { Target } from '../upstream/target.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { grpcStatusOf, judgedAtHead } from './body-verdict.ts';
import type { ExchangeSite } from './exchange-site.ts';
import { bulkheadRefusal, circuitOpenRefusal } from './refusals.ts';
import { Slots } from './slots.ts';

/** Bytes of an answer that nobody wants which are read so that its connection can be used again. */
const DRAINED_BYTES = 64 * 1024;

/** Whom a call tells how it goes. Exactly one of callRefused, callFailed, callEnded and callSwitched is the last. */
export interface CallOwner {
  /** Nothing was sent: the breaker is open, or a bulkhead full. */
  callRefused(refusal: Refusal, condition: 'open' | 'full'): void;
  /** No answer, or one that broke after its head. */
  callFailed(error: UpstreamError): void;
  /** The gateway's own code failed. */
  callBroke(error: unknown): void;
  callInterim(status: number, headers: HeaderList): void;
  /** @param verdict what the status is to the upstream's breaker */
  callHead(status: number, reason: string, headers: HeaderList, verdict: Outcome): void;
  /** Returns false to hold the upstream back until `resume`. */
  callData(chunk: Buffer): boolean;
  callEnded(trailers: HeaderList): void;
  /** The owner ends the call with `tunnelEnded`. */
  callSwitched(headers: HeaderList, tunnel: Duplex): void;
}

export interface CallOptions {
  /** The route's, taken before the upstream's own; null: none. */
  readonly pool: Bulkhead | null;
  /** Fields to send in place of the client's own conditional ones. */
  readonly conditional?: HeaderList | null | undefined;
}

/**
 * One attempt at one upstream: bulkheads → breaker → target → outbound lane. Whatever it has taken it gives back on
 * every way out: the slots in `#release`, the permit in `#settle`, each in this one place.
 */
export class UpstreamCall implements UpgradeSink {
  readonly upstream: Upstream;
  readonly #site: ExchangeSite;
  readonly #slots: Slots;
  readonly #conditional: HeaderList | null;
  #owner: CallOwner | null;
  #permit: Permit = REFUSED;
  #target: Target | null = null;
  #attempt: Attempt | null = null;
  #headAfterMs: number | undefined;
  #isGrpc = false;
  #drained = 0;
  #over = false;

  constructor(site: ExchangeSite, upstream: Upstream, options: CallOptions, owner: CallOwner) {
    this.#site = site;
    this.upstream = upstream;
    this.#slots = new Slots(options.pool, upstream.bulkhead);
    this.#owner = owner;
    this.#conditional = options.conditional ?? null;
  }

  /** Milliseconds of the upstream's own time until its head; undefined before it. */
  get headAfterMs(): number | undefined {
    return this.#headAfterMs;
  }

  get target(): Target | null {
    return this.#target;
  }

  /** True once a target has been asked; false while it waits for a slot. */
  get sent(): boolean {
    return this.#target !== null;
  }

  /** True while it waits for one of the target's connections, all of which are taken. */
  get queued(): boolean {
    return this.#attempt?.queued === true;
  }

  start(): void {
    const waiting = this.#slots.take(
      () => this.#enter(),
      (error) => this.#refused(bulkheadRefusal(error, this.upstream), 'full'),
    );
    if (waiting) this.#site.deadlines.watch();
  }

  #enter(): void {
    if (this.#over) return;
    const { upstream } = this;
    this.#permit = upstream.breaker.tryAcquire();
    if (this.#permit === REFUSED) {
      this.#refused(circuitOpenRefusal(upstream), 'open');
      return;
    }
    const { requestTimeoutMs } = upstream.config.circuitBreaker;
    this.#site.deadlines.attemptBegins(Math.min(requestTimeoutMs, upstream.config.responseTimeoutMs));
    try {
      this.#send();
    } catch (error) {
      const owner = this.#owner;
      this.giveUp('excluded');
      owner?.callBroke(error);
    }
  }

  #refused(refusal: Refusal, condition: 'open' | 'full'): void {
    if (this.#over) return;
    const owner = this.#owner;
    this.#close();
    owner?.callRefused(refusal, condition);
  }

  #send(): void {
    const { upstream } = this;
    const { request, context, admission, body, tried } = this.#site;
    const target = upstream.pick(upstream.hashKey(request), tried);
    this.#target = target;
    tried.push(target);
    const headers = forwardRequestHeaders(request, {
      host: upstream.config.preserveHost ? request.authority : target.authority,
      via: context.via,
      trusted: context.trustedPeers.trusts(request.remoteAddress),
      requestId: admission.requestId,
    });
    const outbound = {
      method: request.method,
      path: admission.path,
      headers: this.#conditional === null ? headers : withConditional(headers, this.#conditional),
      body,
    };
    target.started();
    const attempt =
      request.upgrade === null ? target.lane.start(outbound, this) : target.lane.upgrade(outbound, this);
    this.#attempt = attempt;
    // The lane may have failed at once, before it could hand out what to abort.
    if (this.#over) attempt.abort();
    else if (attempt.queued) this.#site.deadlines.waitForOthers();
  }

  onSent(): void {
    if (!this.#over) this.#site.turn();
  }

  onInterim(status: number, headers: HeaderList): void {
    this.#owner?.callInterim(status, headers);
  }

  onHead(status: number, reason: string, headers: HeaderList): void {
    if (this.#over) return;
    const verdict = this.#headArrived(status, headers);
    this.#owner?.callHead(status, reason, headers, verdict);
  }

  onSwitch(headers: HeaderList, tunnel: Duplex): void {
    if (this.#over || this.#owner === null) {
      tunnel.destroy();
      return;
    }
    this.#headArrived(101, headers);
    // What goes through a tunnel says nothing of the service's health: it was judged by letting the client in.
    this.#settle('success');
    this.#attempt = null;
    this.#owner.callSwitched(headers, tunnel);
  }

  tunnelEnded(): void {
    this.#close();
  }

  onData(chunk: Buffer): boolean {
    if (this.#owner !== null) return this.#owner.callData(chunk);
    this.#drained += chunk.length;
    if (this.#drained > DRAINED_BYTES) this.giveUp('excluded');
    return true;
  }

  onEnd(trailers: HeaderList): void {
    if (this.#over) return;
    const code = this.#isGrpc ? grpcStatusOf(trailers) : null;
    this.#settle(code === null ? 'success' : this.upstream.classifyGrpcStatus(code));
    const owner = this.#owner;
    this.#close();
    owner?.callEnded(trailers);
  }

  onError(error: UpstreamError): void {
    if (this.#over) return;
    this.#settle(this.upstream.classifyError(error.kind));
    const owner = this.#owner;
    this.#close();
    owner?.callFailed(error);
  }

  /** After `callData` returned false: go on. */
  resume(): void {
    this.#attempt?.resume();
  }

  /** The time for the head, or for everything, is over, and it is the upstream that was waited for. */
  timedOut(kind: Extract<UpstreamErrorKind, 'headers_timeout' | 'body_timeout'>, message: string): void {
    const owner = this.#owner;
    this.giveUp(this.upstream.classifyError(kind));
    owner?.callFailed(new UpstreamError(kind, message));
  }

  /** From now on another one is told. */
  handTo(owner: CallOwner): void {
    this.#owner = owner;
  }

  /**
   * Nobody waits for the answer any more; a small rest of it is read, so that its connection can be used again. A request
   * body that may not have been sent whole leaves the connection of no use.
   */
  drain(): void {
    if (this.#over) return;
    if (this.#site.body !== null) {
      this.giveUp('excluded');
      return;
    }
    this.#owner = null;
    this.#slots.release();
    this.#attempt?.resume();
  }

  /** The one who asked is gone. That is nobody's fault, but a slow call was slow, whoever waited for it. */
  abandon(): void {
    const limitMs = this.upstream.config.circuitBreaker.slowCall?.durationMs ?? Number.POSITIVE_INFINITY;
    const slow = this.#permit !== REFUSED && this.#ownTimeMs() > limitMs;
    this.giveUp(slow ? 'success' : 'excluded');
  }

  /** Ends it at once, whatever it is doing. Its owner hears nothing more. */
  giveUp(verdict: Outcome | 'timeout'): void {
    if (this.#over) return;
    this.#settle(verdict);
    const attempt = this.#attempt;
    this.#close();
    attempt?.abort();
  }

  #headArrived(status: number, headers: HeaderList): Outcome {
    const { deadlines } = this.#site;
    this.#headAfterMs = deadlines.upstreamMs();
    deadlines.attemptAnswered();
    let verdict = this.upstream.classifyStatus(status);
    const judged = judgedAtHead(headers);
    this.#isGrpc = judged === 'grpc';
    if (this.#isGrpc && verdict === 'success') {
      const code = grpcStatusOf(headers);
      if (code !== null) verdict = this.upstream.classifyGrpcStatus(code);
    }
    // A bad status is a failure already; a good one is a success only when its body is complete, if it ever ends.
    if (verdict !== 'success' || judged === 'endless') this.#settle(verdict);
    return verdict;
  }

  #ownTimeMs(): number {
    return this.#headAfterMs ?? this.#site.deadlines.upstreamMs();
  }

  /** The one place where a permit is given back. */
  #settle(outcome: Outcome | 'timeout'): void {
    if (this.#permit === REFUSED) return;
    const permit = this.#permit;
    this.#permit = REFUSED;
    // Judged by the upstream's own time: a client that uploads slowly must not make it look slow.
    const durationMs = this.#ownTimeMs();
    this.upstream.breaker.settle(permit, outcome, durationMs);
    this.#target?.judged(outcome, durationMs);
  }

  /** The one way out. */
  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#settle('excluded');
    this.#slots.release();
    this.#target?.ended();
    this.#owner = null;
    this.#attempt = null;
    if (this.#target !== null) this.#site.deadlines.attemptAnswered();
  }
}

/** A cache's conditional fields take the place of the client's: it asks for what it has stored itself. */
function withConditional(headers: readonly string[], conditional: HeaderList): string[] {
  const out: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    if (!CONDITIONAL.test(name)) out.push(name, headers[at + 1] as string);
  }
  out.push(...conditional);
  return out;
}

const CONDITIONAL = /^if-(?:none-match|modified-since|match|unmodified-since|range)$/i;
