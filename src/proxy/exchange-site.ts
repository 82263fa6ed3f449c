import { performance } from 'node:perf_hooks';
import type { HeaderList, InboundRequest, UpstreamError } from '../http/message.ts';
import type { Target } from '../upstream/target.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { clientDeadlineMs } from './client-deadline.ts';
import type { Admission, AttemptFacts, ExchangeContext, FailedAttempt } from './exchange-context.ts';
import { ExchangeDeadlines } from './exchange-deadlines.ts';
import type { ExchangeOutcome, ExchangeRecord, FailureCause } from './exchange-record.ts';
import type { ExchangeReply } from './exchange-reply.ts';
import type { ExchangeTrace } from './exchange-trace.ts';
import { failedOf } from './failed-attempt.ts';
import type { FallbackSource } from './fallback-step.ts';
import { ReplayableBody } from './replayable-body.ts';
import { WatchedBody } from './watched-body.ts';

/** How an exchange ended; see ExchangeRecord. */
export interface ExchangeEnd {
  readonly reply: ExchangeReply;
  readonly afterMs: number;
  readonly outcome: ExchangeOutcome;
  readonly errorCode: string | null;
}

/** What is known of the attempt that something is said of. */
type Asked = { readonly upstream: Upstream; readonly target: Target | null } | null;

/** What all attempts of one exchange have in common: the request, its body, its time, and who has been asked. */
export class ExchangeSite {
  readonly context: ExchangeContext;
  readonly admission: Admission;
  readonly request: InboundRequest;
  readonly body: WatchedBody | null;
  /** Targets that have been asked already; a further attempt prefers others. */
  readonly tried: Target[] = [];
  readonly trace: ExchangeTrace | null;
  /** Attempts at the route's own upstream. */
  attempts = 0;
  /** Of the upstream's own time until the response head of the target that was asked last. */
  #upstreamMs: number | null = null;
  #failure: FailureCause | null = null;
  readonly #replay: ReplayableBody | null;
  readonly #clientLimitMs: number;
  readonly #onExpired: (limit: 'head' | 'total') => void;
  #deadlines: ExchangeDeadlines | null = null;
  #nothingSent = true;

  constructor(
    context: ExchangeContext,
    admission: Admission,
    request: InboundRequest,
    onExpired: (limit: 'head' | 'total') => void,
  ) {
    this.context = context;
    this.admission = admission;
    this.request = request;
    this.#onExpired = onExpired;
    this.#clientLimitMs = clientDeadlineMs(request);
    const { keptBodyBytes } = admission.plan;
    const { body } = request;
    this.#replay = body === null || keptBodyBytes === null ? null : new ReplayableBody(body, keptBodyBytes);
    this.body = body === null ? null : new WatchedBody(this.#replay ?? body, () => this.turn());
    this.trace = context.tracer === null ? null : context.tracer.begin(request, admission);
  }

  /** Made when first asked for: a request that is refused at once needs no clock. */
  get deadlines(): ExchangeDeadlines {
    this.#deadlines ??= new ExchangeDeadlines(
      this.admission.startedAt,
      Math.min(this.admission.plan.route.config.timeoutMs, this.#clientLimitMs),
      this.#onExpired,
    );
    return this.#deadlines;
  }

  /** The exchange is over. */
  finished({ reply, afterMs, outcome, errorCode }: ExchangeEnd): void {
    const { plan, requestId } = this.admission;
    const { status, bytesOut, fallback, tunnelBytesIn } = reply;
    const record: ExchangeRecord = {
      route: plan.path,
      upstream: plan.upstream.name,
      method: this.request.method,
      status,
      durationMs: afterMs,
      outcome,
      errorCode,
      bytesOut,
      requestId,
      attempts: this.attempts,
      fallback,
      request: this.request,
      bytesIn: tunnelBytesIn + (this.body === null ? 0 : this.body.arrived),
      target: this.tried.length === 0 ? null : (this.tried[this.tried.length - 1] as Target).url,
      upstreamMs: this.#upstreamMs,
      failure: this.#failure,
      breaker: plan.upstream.breaker,
      cacheStatus: reply.cacheStatus,
      traceId: this.trace === null ? null : this.trace.traceId,
      traceSampled: this.trace === null ? false : this.trace.sampled,
    };
    try {
      this.context.observer.finished(record);
      this.trace?.ended(record);
    } catch (error) {
      // The client has its answer. In the fast lane nobody else would catch it, and the process would end of it.
      this.context.onInternalError(error, requestId);
    }
    if (fallback !== null) plan.answeredBy(fallback);
  }

  /** The breaker or a bulkhead let an attempt at `upstream` not through. */
  refused(upstream: Upstream, by: 'open' | 'full'): void {
    this.#failure = by;
    this.trace?.refused(upstream, by);
  }

  /** An attempt is going to ask this target. */
  asks(target: Target): void {
    this.tried.push(target);
    this.#upstreamMs = null;
  }

  /** An attempt has got its response head. @param ms of the upstream's own time until it */
  answered(upstream: Upstream, ms: number): void {
    this.#upstreamMs = ms;
    this.context.onUpstreamAnswered(upstream, ms);
  }

  attemptFailed(failure: FailedAttempt, call: Asked): void {
    this.#failure = failure.kind;
    this.context.onAttemptFailed(failure, this.facts(call));
  }

  /** An answer breaks off before its client; if it was a failure by its status already, it is not another one. */
  answerCut(error: UpstreamError, call: Asked): void {
    const cut = failedOf(error);
    if (this.#failure !== 'status' || cut === null) return;
    this.#failure = cut.kind;
    this.context.onAnswerCut(cut, this.facts(call));
  }

  triesAgain(call: Asked, why: string, delayMs: number): void {
    this.context.onRetry(this.facts(call), why, delayMs);
    this.trace?.retries(why, delayMs);
  }

  fellBack(call: Asked, source: FallbackSource, why: string): void {
    this.context.onFallback(this.facts(call), source, why);
    this.trace?.fellBack(source, why);
  }

  /** Milliseconds since the request head was there. */
  elapsedMs(): number {
    return performance.now() - this.admission.startedAt;
  }

  /** What there is to tell of an attempt; of none, when the route's own upstream was not even asked. */
  facts(call: Asked): AttemptFacts {
    const { plan, requestId } = this.admission;
    return {
      requestId,
      route: plan.route.config.path,
      upstream: call?.upstream ?? plan.upstream,
      target: call?.target ?? null,
      attempt: this.attempts,
    };
  }

  /** True when the client gave a deadline of its own that is shorter than the route's. */
  get clientsDeadline(): boolean {
    return this.#clientLimitMs < this.admission.plan.route.config.timeoutMs;
  }

  /** True for a request for a WebSocket on a route that passes them on; on any other it is answered like a plain one. */
  get upgrades(): boolean {
    return this.request.upgrade !== null && this.admission.plan.route.config.webSocket;
  }

  /** True while another attempt would get the whole request body. */
  get replayable(): boolean {
    return this.body === null || this.#replay?.replayable === true;
  }

  /** True when the attempt under way has had the whole request body, if there is one. */
  get bodySent(): boolean {
    return this.body === null || (this.#replay?.delivered ?? this.body.complete);
  }

  /** False once there was a connection for any attempt: somebody may have carried the request out. */
  get nothingSent(): boolean {
    return this.#nothingSent;
  }

  /** An attempt has its connection. */
  sends(): void {
    this.#nothingSent = false;
  }

  /** Looks anew whether the client or the upstream is waited for. Not asked while an attempt has no connection. */
  turn(): void {
    if (this.body?.waitingForClient === true) this.#deadlines?.waitForOthers();
    else this.#deadlines?.waitForUpstream();
  }

  /** @param more whether the client takes more of its answer; while it does not, it is the client that is waited for */
  clientTakes(more: boolean): boolean {
    if (more) this.turn();
    else this.#deadlines?.waitForOthers();
    return more;
  }

  /** The attempt under way gets no more of the request body. */
  detachBody(): void {
    this.#replay?.detach();
    this.body?.rest();
  }

  /** The answer has begun, so there is no further attempt. */
  noFurtherAttempt(): void {
    this.#replay?.readLast();
  }

  /** What the client still has to say must not be taken for its next request. */
  abandonBody(): void {
    if (this.body !== null && !this.body.complete) this.body.discard();
  }

  /** An answer to an unsafe method outdates what is stored (RFC 9111 §4.4). */
  invalidate(status: number, headers: HeaderList): void {
    const { plan, path } = this.admission;
    const place = { upstream: plan.upstream.name, path };
    this.context.cache?.invalidate(this.request, place, { status, headers });
  }

  /** Nothing expires any more. */
  stopClock(): void {
    this.#deadlines?.cancel();
  }
}
