import { forwardRequestHeaders, forwardResponseHeaders } from '../http/forwarded-headers.ts';
import {
  type Attempt,
  type AttemptSink,
  type HeaderList,
  type InboundReply,
  type InboundRequest,
  UpstreamError,
} from '../http/message.ts';
import type { Refusal } from '../http/refusal.ts';
import { type Outcome, type Permit, REFUSED } from '../resilience/index.ts';
import type { Target } from '../upstream/target.ts';
import type { Admission, ExchangeContext } from './exchange-context.ts';
import { ExchangeDeadlines } from './exchange-deadlines.ts';
import type { ExchangeOutcome } from './exchange-record.ts';
import { circuitOpenRefusal, internalRefusal, timeoutRefusal, upstreamRefusal } from './refusals.ts';
import { sendRefusal } from './reply.ts';
import { WatchedBody } from './watched-body.ts';

/**
 * One request's way through an upstream and back: breaker → target → outbound lane → reply.
 *
 * It reads top to bottom: `run` asks for the permit and starts the attempt, the sink's methods relay what the
 * attempt tells, `#finish` is the only way out. Whatever path ends the exchange, the permit is settled exactly
 * once, in `#settle`.
 */
export class Exchange implements AttemptSink {
  readonly #context: ExchangeContext;
  readonly #admission: Admission;
  readonly #request: InboundRequest;
  readonly #reply: InboundReply;
  readonly #body: WatchedBody | null;
  #deadlines: ExchangeDeadlines | null = null;
  #permit: Permit = REFUSED;
  #target: Target | null = null;
  #attempt: Attempt | null = null;
  #startedAt = 0;
  #headAfterMs: number | undefined;
  #status = 0;
  #bytesOut = 0;
  #clientHoldsBack = false;
  #finished = false;

  constructor(context: ExchangeContext, admission: Admission, request: InboundRequest, reply: InboundReply) {
    this.#context = context;
    this.#admission = admission;
    this.#request = request;
    this.#reply = reply;
    this.#body = request.body === null ? null : new WatchedBody(request.body, () => this.#turn());
  }

  run(): void {
    this.#startedAt = performance.now();
    const { upstream, route } = this.#admission;
    this.#permit = upstream.breaker.tryAcquire();
    if (this.#permit === REFUSED) {
      this.#refuse(circuitOpenRefusal(upstream), 'rejected');
      return;
    }
    this.#deadlines = new ExchangeDeadlines(
      Math.min(upstream.config.circuitBreaker.requestTimeoutMs, upstream.config.responseTimeoutMs),
      route.config.timeoutMs,
      (limit) => this.#expired(limit),
    );
    this.#reply.onClientGone(() => this.#clientGone());
    this.#turn();
    try {
      this.#send();
    } catch (error) {
      this.#settle('excluded');
      this.#context.onInternalError(error, this.#admission.requestId);
      this.#attempt?.abort();
      this.#refuse(internalRefusal(error), 'refused');
    }
  }

  #send(): void {
    const { upstream, path, requestId } = this.#admission;
    const request = this.#request;
    const target = upstream.pick(upstream.hashKey(request), []);
    const headers = forwardRequestHeaders(request, {
      host: upstream.config.preserveHost ? request.authority : target.authority,
      via: this.#context.via,
      trusted: this.#context.trustedPeers.trusts(request.remoteAddress),
      requestId,
    });
    target.started();
    this.#target = target;
    this.#attempt = target.lane.start({ method: request.method, path, headers, body: this.#body }, this);
    // The lane may have failed at once, before it could hand out what to abort.
    if (this.#finished) this.#attempt.abort();
    else if (this.#attempt.queued) this.#deadlines?.waitForOthers();
  }

  onSent(): void {
    if (!this.#finished) this.#turn();
  }

  onInterim(status: number, headers: HeaderList): void {
    if (this.#finished) return;
    this.#reply.interim(status, this.#forwarded(headers));
  }

  onHead(status: number, reason: string, headers: HeaderList): void {
    if (this.#finished) return;
    this.#status = status;
    this.#headAfterMs = this.#deadlines?.upstreamMs();
    this.#deadlines?.headArrived();
    // A bad status is a failure already; a good one is a success only when its body is complete.
    const verdict = this.#admission.upstream.classifyStatus(status);
    if (verdict !== 'success') this.#settle(verdict);
    this.#reply.onDrain(() => this.#drained());
    this.#reply.head(status, reason, this.#forwarded(headers));
  }

  onData(chunk: Buffer): boolean {
    if (this.#finished) return true;
    this.#bytesOut += chunk.length;
    const goOn = this.#reply.write(chunk);
    this.#clientHoldsBack = !goOn;
    return goOn;
  }

  onEnd(trailers: HeaderList): void {
    if (this.#finished) return;
    this.#settle('success');
    this.#abandonBody();
    this.#reply.end(undefined, trailers);
    this.#finish('answered', null);
  }

  onError(error: UpstreamError): void {
    if (this.#finished) return;
    const { upstream } = this.#admission;
    const verdict = upstream.classifyError(error.kind);
    this.#settle(verdict);
    if (error.kind !== 'request_body') this.#context.onUpstreamError(error, this.#admission);
    const refusal = upstreamRefusal(error, upstream.name);
    this.#fail(refusal, verdict === 'excluded' ? 'refused' : 'upstream_failed');
  }

  #forwarded(headers: HeaderList): string[] {
    return forwardResponseHeaders(headers, {
      via: this.#context.via,
      requestId: this.#admission.requestId,
    });
  }

  /** Whose turn is it, the client's or the upstream's? Not asked while the attempt has no connection. */
  #turn(): void {
    if (this.#body?.waitingForClient === true) this.#deadlines?.waitForOthers();
    else this.#deadlines?.waitForUpstream();
  }

  #drained(): void {
    this.#clientHoldsBack = false;
    this.#attempt?.resume();
  }

  #expired(limit: 'head' | 'total'): void {
    if (this.#finished) return;
    // The whole exchange can run out of time without the upstream's doing: the client sends its body too slowly or
    // does not read the answer, or all connections are taken.
    const queued = this.#attempt?.queued === true;
    const clientIsSlow =
      limit === 'total' && (this.#clientHoldsBack || this.#body?.waitingForClient === true);
    const excluded = clientIsSlow || queued;
    this.#settle(excluded ? 'excluded' : 'timeout');
    this.#attempt?.abort();
    const refusal = timeoutRefusal({
      waitedFor: queued ? 'connection' : clientIsSlow ? 'client' : 'upstream',
      elapsedMs: this.#deadlines?.elapsedMs() ?? 0,
      service: this.#admission.upstream.name,
    });
    if (!excluded) {
      const kind = this.#status === 0 ? 'headers_timeout' : 'body_timeout';
      this.#context.onUpstreamError(new UpstreamError(kind, refusal.message), this.#admission);
    }
    this.#fail(refusal, excluded ? 'refused' : 'upstream_failed');
  }

  #clientGone(): void {
    if (this.#finished) return;
    this.#settle('excluded');
    this.#attempt?.abort();
    this.#finish('client_gone', null);
  }

  /** Tells the client of a failure: by an answer if there was none yet, else by cutting the connection. */
  #fail(refusal: Refusal, outcome: ExchangeOutcome): void {
    if (!this.#reply.headSent) {
      this.#refuse(refusal, outcome);
      return;
    }
    this.#abandonBody();
    this.#reply.abort();
    this.#finish(outcome, refusal.code);
  }

  #refuse(refusal: Refusal, outcome: ExchangeOutcome): void {
    this.#abandonBody();
    this.#status = refusal.status;
    this.#bytesOut = sendRefusal(refusal, this.#request, this.#reply, this.#admission.requestId);
    this.#finish(outcome, refusal.code);
  }

  /** What the client still has to say must not be taken for its next request. */
  #abandonBody(): void {
    if (this.#body !== null && !this.#body.complete) this.#body.discard();
  }

  /** The one place where a permit is given back. */
  #settle(outcome: Outcome | 'timeout'): void {
    if (this.#permit === REFUSED) return;
    const permit = this.#permit;
    this.#permit = REFUSED;
    // Judged by the upstream's own time: a client that uploads slowly must not make it look slow.
    const durationMs = this.#headAfterMs ?? this.#deadlines?.upstreamMs();
    this.#admission.upstream.breaker.settle(permit, outcome, durationMs);
    this.#target?.judged(outcome, durationMs);
  }

  #finish(outcome: ExchangeOutcome, errorCode: string | null): void {
    this.#finished = true;
    this.#settle('excluded');
    this.#target?.ended();
    this.#deadlines?.cancel();
    this.#reply.onDrain(null);
    this.#reply.onClientGone(null);
    this.#context.observer.finished({
      route: this.#admission.route.config.path,
      upstream: this.#admission.upstream.name,
      method: this.#request.method,
      status: this.#status,
      durationMs: performance.now() - this.#startedAt,
      outcome,
      errorCode,
      bytesOut: this.#bytesOut,
      requestId: this.#admission.requestId,
    });
  }
}
