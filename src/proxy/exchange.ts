import type { Duplex } from 'node:stream';
import type { HeaderList, InboundReply, InboundRequest, UpstreamError } from '../http/message.ts';
import type { Refusal } from '../http/refusal.ts';
import type { Outcome } from '../resilience/index.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { conditionOf } from './attempt-condition.ts';
import { CacheTurn } from './cache-turn.ts';
import type { CallOwner } from './call-owner.ts';
import type { Admission, ExchangeContext } from './exchange-context.ts';
import type { ExchangeOutcome } from './exchange-record.ts';
import { ExchangeReply, type ReadyAnswer } from './exchange-reply.ts';
import { ExchangeSite } from './exchange-site.ts';
import { countsAgainst, waitedFor } from './expiry.ts';
import type { FallbackStep } from './fallback-step.ts';
import { type Failure, FallbackTurn } from './fallback-turn.ts';
import { HeldAnswer } from './held-answer.ts';
import { internalRefusal, notStoredRefusal, timeoutRefusal, toldAfter, upstreamRefusal } from './refusals.ts';
import { type AttemptFailure, retryAfterMs } from './retry-plan.ts';
import { RetryTurn } from './retry-turn.ts';
import { UpstreamCall } from './upstream-call.ts';

/**
 * One request's way through its route's plan: fallback · cache → retry → (bulkheads → breaker → target → outbound lane).
 * What stands in brackets is one attempt, an UpstreamCall; this class decides what the end of one means: another
 * attempt, a fallback, or the answer. `#finish` is the only way out.
 */
export class Exchange implements CallOwner {
  readonly #site: ExchangeSite;
  readonly #reply: ExchangeReply;
  #cache: CacheTurn | null = null;
  #retry: RetryTurn | null = null;
  #fallback: FallbackTurn | null = null;
  #held: HeldAnswer | null = null;
  #call: UpstreamCall | null = null;
  #switchedAfterMs: number | null = null;
  #finished = false;

  constructor(context: ExchangeContext, admission: Admission, request: InboundRequest, reply: InboundReply) {
    this.#site = new ExchangeSite(context, admission, request, (limit) => this.#expired(limit));
    this.#reply = new ExchangeReply(reply, request, context.answers, admission.requestId);
  }

  run(): void {
    this.#reply.asks(this.#site.admission.plan.upstream);
    this.#reply.onClientGone(() => this.#clientGone());
    this.#cache = CacheTurn.begin(this.#site);
    if (this.#cache === null) {
      this.#askUpstream();
      return;
    }
    this.#site.deadlines.watch();
    this.#cache.find({
      onStored: (answer) => this.#answerWith(answer),
      onFetch: () => this.#askUpstream(),
      onUnsatisfiable: () => this.#refuse(notStoredRefusal(), 'refused'),
      onBroke: (error) => this.callBroke(error),
    });
  }

  /** The fallback that is being asked; null: the route's own upstream is. */
  #step(): FallbackStep | null {
    return this.#fallback === null ? null : this.#fallback.step;
  }

  /** The next attempt at the route's own upstream. */
  #askUpstream(): void {
    const { plan } = this.#site.admission;
    if (plan.retry !== null) this.#retry ??= new RetryTurn(this.#site);
    this.#site.attempts++;
    this.#ask(plan.upstream, this.#cache?.conditional ?? null);
  }

  #ask(upstream: Upstream, conditional: HeaderList | null): void {
    const pool = this.#site.admission.plan.pool(this.#site.request.method);
    this.#call = new UpstreamCall(this.#site, upstream, { pool, conditional }, this);
    this.#call.start();
  }

  callRefused(refusal: Refusal, condition: 'open' | 'full'): void {
    if (this.#step() !== null) this.#nextFallback();
    else this.#failed({ condition, refusal, outcome: 'rejected' });
  }

  callFailed(error: UpstreamError): void {
    const { kind } = error;
    const { upstream } = this.#call ?? this.#site.admission.plan;
    const refusal = upstreamRefusal(error, upstream.name);
    if (kind === 'request_body') this.#refuse(refusal, 'refused');
    else if (this.#reply.headSent) {
      this.#site.answerCut(error, this.#call);
      this.#refuse(refusal, 'upstream_failed');
    } else if (this.#step() !== null) this.#nextFallback();
    else {
      const condition = conditionOf(kind);
      if (this.#triesAgain({ condition, status: 0, retryAfterMs: 0 })) return;
      this.#failed({ condition, refusal, outcome: kind === 'exhausted' ? 'refused' : 'upstream_failed' });
    }
  }

  callBroke(error: unknown): void {
    this.#site.context.onInternalError(error, this.#site.admission.requestId);
    this.#refuse(internalRefusal(error), 'refused');
  }

  callInterim(status: number, headers: HeaderList): void {
    this.#reply.interim(status, headers);
  }

  callHead(status: number, reason: string, headers: HeaderList, verdict: Outcome): void {
    if (this.#step() !== null) {
      // A secondary that fails is no fallback.
      if (verdict === 'failure') this.#nextFallback();
      else this.#passOn(status, reason, headers);
      return;
    }
    const retried = this.#site.admission.plan.retry?.isRetriedStatus(status) === true;
    if (retried && this.#triesAgain({ condition: 'status', status, retryAfterMs: retryAfterMs(headers) }))
      return;
    const call = this.#call;
    if (verdict === 'failure' && call !== null && FallbackTurn.isThere(this.#site, 'status')) {
      this.#held = new HeldAnswer(call, { status, reason, headers });
      this.#call = null;
      this.#failed({ condition: 'status', refusal: null, outcome: 'answered' });
    } else this.#passOn(status, reason, headers);
  }

  callData(chunk: Buffer): boolean {
    if (this.#step() === null) this.#cache?.data(chunk);
    const more = this.#reply.write(chunk);
    if (!more)
      this.#reply.whenDrained(() => {
        this.#site.clientTakes(true);
        this.#call?.resume();
      });
    return this.#site.clientTakes(more);
  }

  callEnded(trailers: HeaderList): void {
    if (this.#step() === null) this.#cache?.end();
    this.#site.abandonBody();
    this.#reply.end(trailers);
    this.#answered();
  }

  callSwitched(headers: HeaderList, tunnel: Duplex): void {
    const call = this.#call;
    this.#switchedAfterMs = this.#site.elapsedMs();
    this.#site.stopClock();
    this.#retry?.end();
    this.#tellSource();
    const { tunnelIdleTimeoutMs } = this.#site.admission.plan.route.config;
    this.#reply.switchProtocols(headers, tunnel, tunnelIdleTimeoutMs, () => {
      call?.giveUp('excluded');
      this.#answered();
    });
  }

  #passOn(status: number, reason: string, headers: HeaderList): void {
    const stored = this.#step() === null ? (this.#cache?.head(status, reason, headers) ?? null) : null;
    if (stored !== null) {
      this.#endCall();
      this.#answerWith(stored);
      return;
    }
    this.#site.noFurtherAttempt();
    this.#site.invalidate(status, headers);
    this.#tellSource();
    this.#reply.head({ status, reason, headers }, this.#call?.headAfterMs);
  }

  /** Whether there is going to be another attempt; then it has been prepared. */
  #triesAgain(failure: Omit<AttemptFailure, 'method'>): boolean {
    if (this.#retry === null || this.#reply.begun) return false;
    const delayMs = this.#retry.next(failure);
    if (delayMs === null) return false;
    this.#site.triesAgain(this.#call, failure.condition, delayMs);
    this.#endCall();
    this.#retry.wait(delayMs, () => this.#askUpstream());
    return true;
  }

  /** The route's own upstream has no answer, or none worth giving. */
  #failed(failure: Failure): void {
    this.#cache?.abandon();
    this.#retry?.end();
    this.#fallback = new FallbackTurn(this.#site, this.#cache, failure, {
      askSecondary: (upstream) => {
        this.#reply.asks(upstream);
        this.#ask(upstream, null);
      },
      answerWith: (answer) => this.#answerWith(answer),
      giveIn: (last) => this.#giveIn(last),
      broke: (error) => this.callBroke(error),
    });
    this.#nextFallback();
  }

  #nextFallback(): void {
    this.#endCall();
    this.#fallback?.next();
  }

  /** No fallback has answered. */
  #giveIn({ refusal, outcome }: Failure): void {
    const held = this.#held;
    const told = held === null ? refusal : held.refusal(this.#site.deadlines);
    if (told !== null) this.#refuse(toldAfter(this.#site, told), held ? 'upstream_failed' : outcome);
    else if (held !== null) {
      this.#held = null;
      this.#call = held.call;
      const { status, reason, headers } = held.answer;
      this.#passOn(status, reason, headers);
      held.passTo(this);
    }
  }

  #answerWith(answer: ReadyAnswer & { readonly cacheStatus?: string }): void {
    if (this.#finished) return;
    this.#tellSource();
    if (answer.cacheStatus !== undefined) this.#reply.cacheStatus = answer.cacheStatus;
    this.#site.abandonBody();
    this.#reply.send(answer);
    this.#answered();
  }

  /** Lets the answer say where it comes from. */
  #tellSource(): void {
    this.#reply.cacheStatus = this.#cache?.status ?? null;
    const source = this.#step()?.source;
    if (source === undefined || this.#fallback === null) return;
    this.#reply.fallback = source;
    this.#site.fellBack(this.#call, source, this.#fallback.failure.condition);
  }

  #expired(limit: 'head' | 'total'): void {
    const call = this.#call;
    const who = waitedFor(limit, { call, site: this.#site, reply: this.#reply });
    const elapsedMs = this.#site.deadlines.elapsedMs();
    const service = (call ?? this.#site.admission.plan).upstream.name;
    const refusal = timeoutRefusal({ waitedFor: who, elapsedMs, service });
    if (call !== null && who === 'upstream' && countsAgainst(limit, this.#site)) {
      call.timedOut(this.#reply.headSent ? 'body_timeout' : 'headers_timeout', refusal.message);
      return;
    }
    if (who === 'upstream') call?.abandon();
    else call?.giveUp('excluded');
    const outcome = who === 'upstream' ? 'upstream_failed' : 'refused';
    if (this.#reply.headSent || who === 'client') this.#refuse(refusal, outcome);
    else if (this.#fallback === null) {
      this.#failed({ condition: who === 'upstream' ? 'timeout' : 'full', refusal, outcome });
    } else if (call !== null) this.#nextFallback();
  }

  #clientGone(): void {
    if (this.#finished) return;
    this.#call?.abandon();
    this.#finish('client_gone', null);
  }

  #refuse(refusal: Refusal, outcome: ExchangeOutcome): void {
    if (this.#finished) return;
    this.#site.abandonBody();
    // An error after the head can only be told by cutting the connection.
    if (this.#reply.headSent) this.#reply.abort();
    else {
      this.#reply.cacheStatus = this.#cache?.status ?? null;
      this.#reply.refuse(refusal);
    }
    this.#finish(outcome, refusal.code);
  }

  #answered(): void {
    const { failure, step } = this.#fallback ?? {};
    this.#finish(step ? 'fallback' : 'answered', failure?.refusal?.code ?? null);
  }

  #finish(outcome: ExchangeOutcome, errorCode: string | null): void {
    this.#finished = true;
    this.#cache?.abandon();
    this.#retry?.end();
    this.#fallback?.end();
    this.#endCall();
    this.#held?.drop();
    this.#site.stopClock();
    this.#reply.detach();
    const afterMs = this.#switchedAfterMs ?? this.#site.elapsedMs();
    this.#site.finished({ reply: this.#reply, afterMs, outcome, errorCode });
  }

  #endCall(): void {
    this.#call?.drain();
    this.#call = null;
  }
}
