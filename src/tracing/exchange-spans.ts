import type { Attributes, Span } from '@opentelemetry/api';
import type { InboundRequest } from '../http/message.ts';
import { outgoingFields, type TraceContext } from '../http/trace-context.ts';
import type { Admission } from '../proxy/exchange-context.ts';
import type { ExchangeRecord } from '../proxy/exchange-record.ts';
import type { AttemptTrace, ExchangeTrace } from '../proxy/exchange-trace.ts';
import type { FallbackSource } from '../proxy/fallback-step.ts';
import type { Target } from '../upstream/target.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { AttemptSpan, type AttemptSpanParts } from './attempt-span.ts';
import { spanName, withoutQuery } from './http-names.ts';
import { tellEnd } from './server-span.ts';
import { SpanClock } from './span-clock.ts';
import type { SpanMaker } from './span-maker.ts';
import { addTransitions } from './transition-events.ts';
import type { TransitionWatch } from './transition-watch.ts';

/** What all traces of a gateway share. */
export interface ExchangeSpansParts {
  readonly spans: SpanMaker;
  readonly transitions: TransitionWatch;
  /** Whether what a peer says about whom it forwards for is believed. */
  readonly trusts: (address: string) => boolean;
}

/** The spans of one exchange that is sampled: one of an HTTP server, and one for each attempt. */
export class ExchangeSpans implements ExchangeTrace {
  readonly traceId: string;
  readonly sampled = true;
  readonly #parts: ExchangeSpansParts;
  readonly #clock = new SpanClock();
  readonly #span: Span;
  readonly #attempts: AttemptSpanParts;

  constructor(
    parts: ExchangeSpansParts,
    context: TraceContext | null,
    { method }: Pick<InboundRequest, 'method'>,
    { plan, path, startedAt }: Admission,
  ) {
    this.#parts = parts;
    this.#span = parts.spans.start({
      name: spanName(method, plan.path),
      kind: 'server',
      startTime: this.#clock.at(startedAt),
      parent: context && parts.spans.remote(context),
    });
    const own = this.#span.spanContext();
    this.traceId = own.traceId;
    this.#attempts = {
      ...parts,
      clock: this.#clock,
      parent: own,
      fieldsOf: (spanId) => outgoingFields({ traceId: own.traceId, spanId, sampled: true }, context),
      method,
      path: withoutQuery(path),
    };
  }

  attempt(upstream: Upstream, target: Target, nth: number): AttemptTrace {
    return new AttemptSpan(this.#attempts, upstream, target, nth);
  }

  refused(upstream: Upstream, by: 'open' | 'full'): void {
    const { name } = upstream.breaker;
    addTransitions(this.#span, this.#parts.transitions.take(name), this.#clock);
    if (by === 'full') this.#tell('bulkhead.full', { 'breakwater.upstream': upstream.name });
    else
      this.#tell('circuit_breaker.rejected', {
        'breakwater.upstream': upstream.name,
        'breakwater.circuit_breaker': name,
      });
  }

  retries(why: string, delayMs: number): void {
    this.#tell('retry', { 'breakwater.reason': why, 'breakwater.retry.delay_ms': Math.round(delayMs) });
  }

  fellBack(source: FallbackSource, why: string): void {
    this.#tell('fallback', { 'breakwater.fallback': source, 'breakwater.reason': why });
  }

  ended(record: ExchangeRecord): void {
    tellEnd(this.#span, record, this.#parts.trusts);
    this.#span.end(this.#clock.now());
  }

  #tell(event: string, attributes: Attributes): void {
    this.#span.addEvent(event, attributes, this.#clock.now());
  }
}
