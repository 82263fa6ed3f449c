import type { Duplex } from 'node:stream';
import {
  type Attempt,
  type HeaderList,
  type UpgradeSink,
  UpstreamError,
  type UpstreamErrorKind,
} from '../http/message.ts';
import type { Refusal } from '../http/refusal.ts';
import { type Outcome, type Permit, REFUSED } from '../resilience/index.ts';
import type { Target } from '../upstream/target.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { AnswerDrain } from './answer-drain.ts';
import { grpcStatusOf, judgedAtHead } from './body-verdict.ts';
import type { CallOptions } from './call-options.ts';
import type { CallOwner } from './call-owner.ts';
import { circuitOpenRefusal } from './circuit-open-refusal.ts';
import type { FailedAttempt } from './exchange-context.ts';
import type { ExchangeSite } from './exchange-site.ts';
import type { AttemptTrace } from './exchange-trace.ts';
import { badAnswer, failedOf } from './failed-attempt.ts';
import { outboundRequest, traced } from './outbound-request.ts';
import { bulkheadRefusal } from './refusals.ts';
import { Slots } from './slots.ts';

/**
 * One attempt at one upstream: bulkheads → breaker → target → outbound lane. Whatever it has taken it gives back on
 * every way out: the slots in `Slots.release`, the permit in `#settle`, each in this one place.
 */
export class UpstreamCall implements UpgradeSink {
  readonly upstream: Upstream;
  readonly #site: ExchangeSite;
  readonly #slots: Slots;
  readonly #conditional: HeaderList | null;
  #owner: CallOwner | null;
  #permit: Permit = REFUSED;
  #target: Target | null = null;
  #trace: AttemptTrace | null = null;
  #attempt: Attempt | null = null;
  #headAfterMs: number | undefined;
  #isGrpc = false;
  #hasFailed = false;
  #drain: AnswerDrain | null = null;
  #over = false;

  constructor(site: ExchangeSite, upstream: Upstream, options: CallOptions, owner: CallOwner) {
    this.#site = site;
    this.upstream = upstream;
    this.#slots = new Slots(options.pool, upstream.bulkhead, typeof upstream.config.bulkhead === 'string');
    this.#owner = owner;
    this.#conditional = options.conditional ?? null;
  }

  /** Milliseconds of the upstream's own time until its head; undefined before it. */
  get headAfterMs(): number | undefined {
    return this.#headAfterMs;
  }

  /** Null while it waits for a slot. */
  get target(): Target | null {
    return this.#target;
  }

  /** True while it waits for one of the target's connections, all of which are taken. */
  get queued(): boolean {
    return this.#attempt?.queued === true;
  }

  start(): void {
    if (this.#slots.takeFree()) {
      this.#guard(this.#enter);
      return;
    }
    const full = (error: unknown) => this.#refused(bulkheadRefusal(error, this.upstream), 'full');
    const taken = () => this.#guard(this.#enter);
    if (this.#slots.take(taken, (error) => this.#guard(() => full(error)))) this.#site.deadlines.watch();
  }

  /** What fails in here may be the owner's own code, and nobody else would hear of it. */
  #guard(step: (this: this) => void): void {
    // The call may end in the step, and forget whom to tell.
    const owner = this.#owner;
    try {
      step.call(this);
    } catch (error) {
      this.giveUp('excluded');
      owner?.callBroke(error);
    }
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
    this.#send();
  }

  #refused(refusal: Refusal, condition: 'open' | 'full'): void {
    if (this.#over) return;
    const owner = this.#owner;
    this.#site.refused(this.upstream, condition);
    this.#close();
    owner?.callRefused(refusal, condition);
  }

  #send(): void {
    const { upstream } = this;
    const { request, tried } = this.#site;
    const target = upstream.pick(upstream.hashKey(request), tried);
    this.#target = target;
    target.started();
    this.#site.asks(target);
    this.#trace = this.#site.trace?.attempt(upstream, target, tried.length) ?? null;
    const outbound = traced(outboundRequest(this.#site, upstream, target, this.#conditional), this.#trace);
    const attempt = this.#site.upgrades
      ? target.lane.upgrade(outbound, this)
      : target.lane.start(outbound, this);
    this.#attempt = attempt;
    // The lane may have failed at once, before it could hand out what to abort.
    if (this.#over) attempt.abort();
    else if (attempt.queued) this.#site.deadlines.waitForOthers();
  }

  onSent(): void {
    if (this.#over) return;
    this.#site.sends();
    this.#site.turn();
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

  onData(chunk: Buffer): boolean {
    if (this.#owner !== null) return this.#owner.callData(chunk);
    this.#drain?.took(chunk.length);
    return true;
  }

  onEnd(trailers: HeaderList): void {
    if (this.#over) return;
    const code = this.#isGrpc ? grpcStatusOf(trailers) : null;
    const verdict = code === null ? 'success' : this.upstream.classifyGrpcStatus(code);
    if (verdict === 'failure') this.#failed(badAnswer(200, code));
    this.#settle(verdict);
    const owner = this.#owner;
    this.#close();
    owner?.callEnded(trailers);
  }

  onError(error: UpstreamError): void {
    if (this.#over) return;
    this.#failed(error);
    this.#settle(this.upstream.classifyError(error.kind));
    const owner = this.#owner;
    this.#close();
    owner?.callFailed(error);
  }

  /** After `callData` returned false: go on. */
  resume(): void {
    this.#attempt?.resume();
  }

  /** The same for one that was kept back. Never at once: within the turn of an answer's parser no second one may run. */
  resumeSoon(): void {
    queueMicrotask(() => this.resume());
  }

  /** The time for the head, or for everything, is over, and it is the upstream that was waited for. */
  timedOut(kind: Extract<UpstreamErrorKind, 'headers_timeout' | 'body_timeout'>, message: string): void {
    const owner = this.#owner;
    const error = new UpstreamError(kind, message);
    this.#failed(error);
    this.giveUp(this.upstream.classifyError(kind));
    owner?.callFailed(error);
  }

  /** From now on another one is told. @param holds the answer back while others are asked, who need the slots more */
  handTo(owner: CallOwner, holds = false): void {
    this.#owner = owner;
    if (holds) this.#slots.release();
  }

  /**
   * Nobody waits for the answer any more; a small rest of it is read, so that its connection can be used again. A request
   * body that has not been sent whole leaves the connection of no use.
   */
  drain(): void {
    if (this.#over) return;
    if (!this.#site.bodySent) {
      this.giveUp('excluded');
      return;
    }
    this.#owner = null;
    this.#slots.release();
    this.#drain ??= new AnswerDrain(() => this.giveUp('excluded'));
    this.resumeSoon();
  }

  /** The one who asked is gone. That is nobody's fault, but a slow call was slow, whoever waited for it. */
  abandon(): void {
    const limitMs = this.upstream.config.circuitBreaker.slowCall?.durationMs ?? Number.POSITIVE_INFINITY;
    const slow = this.#permit !== REFUSED && this.#ownTimeMs() > limitMs;
    // To the breaker. The target has shown nothing good by it.
    if (slow) this.#settle('success', 'excluded');
    this.giveUp('excluded');
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
    this.#site.answered(this.upstream, this.#headAfterMs);
    deadlines.attemptAnswered();
    this.#trace?.answered(status);
    const judged = judgedAtHead(headers);
    this.#isGrpc = judged === 'grpc';
    const grpc = this.#isGrpc ? grpcStatusOf(headers) : null;
    let verdict = this.upstream.classifyStatus(status);
    if (verdict === 'success' && grpc !== null) verdict = this.upstream.classifyGrpcStatus(grpc);
    if (verdict === 'failure') this.#failed(badAnswer(status, grpc));
    // A bad status is a failure already; a good one is a success only when its body is complete, if it ever ends.
    if (verdict !== 'success' || judged === 'endless') this.#settle(verdict);
    return verdict;
  }

  /** Tells of an attempt once, by what it failed of first; of an answer that nobody waits for any more, not at all. */
  #failed(failure: FailedAttempt | UpstreamError): void {
    const failed = failedOf(failure);
    if (failed === null || this.#hasFailed || this.#owner === null) return;
    this.#hasFailed = true;
    this.#site.attemptFailed(failed, this);
    this.#trace?.failed(failed);
  }

  #ownTimeMs(): number {
    return this.#headAfterMs ?? this.#site.deadlines.upstreamMs();
  }

  /** The one place where a permit is given back. */
  #settle(outcome: Outcome | 'timeout', ofTarget = outcome): void {
    if (this.#permit === REFUSED) return;
    const permit = this.#permit;
    this.#permit = REFUSED;
    // Judged by the upstream's own time: a client that uploads slowly must not make it look slow.
    const durationMs = this.#ownTimeMs();
    this.upstream.breaker.settle(permit, outcome, durationMs);
    this.#target?.judged(ofTarget, durationMs);
    this.#trace?.judged(outcome);
  }

  /** The one way out. */
  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#settle('excluded');
    this.#slots.release();
    this.#target?.ended();
    this.#trace?.ended();
    this.#owner = null;
    this.#attempt = null;
    this.#drain?.end();
    // After its head it may be another attempt that the limit is running for.
    if (this.#target !== null && this.#headAfterMs === undefined) this.#site.deadlines.attemptAnswered();
  }
}
