import { performance } from 'node:perf_hooks';
import type { TracingConfig } from '../config/gateway-config.ts';
import type { InboundRequest } from '../http/message.ts';
import { readTraceContext, type TraceContext } from '../http/trace-context.ts';
import type { Admission } from '../proxy/exchange-context.ts';
import type { ExchangeRecord } from '../proxy/exchange-record.ts';
import type { ExchangeTrace, ExchangeTracer } from '../proxy/exchange-trace.ts';
import { ExchangeSpans, type ExchangeSpansParts } from './exchange-spans.ts';
import { spanName } from './http-names.ts';
import { tellEnd } from './server-span.ts';
import { SpanClock } from './span-clock.ts';
import { type Ids, UnsampledTrace } from './unsampled-trace.ts';

export interface GatewayTracerParts extends ExchangeSpansParts {
  readonly sampling: Pick<TracingConfig, 'sample' | 'trustParent'>;
  readonly ids: Ids;
  /** 0 up to 1; for tests. @default Math.random */
  readonly random?: () => number;
}

/** Decides which exchanges are sampled, and follows them. */
export class GatewayTracer implements ExchangeTracer {
  readonly #parts: GatewayTracerParts;
  readonly #random: () => number;

  constructor(parts: GatewayTracerParts) {
    this.#parts = parts;
    this.#random = parts.random ?? Math.random;
  }

  begin(request: InboundRequest, admission: Admission): ExchangeTrace {
    const context = contextOf(request);
    return this.#samples(request, context)
      ? new ExchangeSpans(this.#parts, context, request, admission)
      : new UnsampledTrace(context, this.#parts.ids);
  }

  /** Refusals; the gateway's own pages are asked for every few seconds, and nobody wants to see that. */
  ownAnswer(record: ExchangeRecord): string | null {
    const { request, method, outcome, durationMs } = record;
    if (outcome === 'own_page') return null;
    const context = contextOf(request);
    if (!this.#samples(request, context)) return null;
    const { spans, trusts } = this.#parts;
    const clock = new SpanClock();
    const now = performance.now();
    const span = spans.start({
      name: spanName(method, null),
      kind: 'server',
      startTime: clock.at(now - durationMs),
      parent: context && spans.remote(context),
    });
    tellEnd(span, record, trusts);
    span.end(clock.at(now));
    return span.spanContext().traceId;
  }

  /**
   * A client that is believed has decided for the whole trace. Anybody else could make us record everything, so for them it
   * is chance: not the digits of the trace id either, which they choose as well.
   */
  #samples({ remoteAddress }: InboundRequest, context: TraceContext | null): boolean {
    const { sampling, trusts } = this.#parts;
    if (context !== null && (sampling.trustParent || trusts(remoteAddress))) return context.sampled;
    return this.#random() * 100 < sampling.sample;
  }
}

function contextOf(request: InboundRequest): TraceContext | null {
  // Most have none, and the list of all fields need not be made for that.
  return request.header('traceparent') === undefined ? null : readTraceContext(request.headers);
}
