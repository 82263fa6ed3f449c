import type { Attributes, HrTime, Span, SpanContext, Tracer } from '@opentelemetry/api';
import type { TraceContext } from '../http/trace-context.ts';
import type { OpenTelemetry } from './open-telemetry.ts';

/** What a span begins with. */
export interface SpanStart {
  readonly name: string;
  readonly kind: 'server' | 'client';
  readonly startTime: HrTime;
  readonly attributes?: Attributes;
  /** Null: it is the first of its trace. */
  readonly parent: SpanContext | null;
}

/** Makes spans that are sampled; whether there is to be one has been decided before. */
export class SpanMaker {
  readonly #api: OpenTelemetry['api'];
  readonly #tracer: Tracer;

  constructor(api: OpenTelemetry['api'], tracer: Tracer) {
    this.#api = api;
    this.#tracer = tracer;
  }

  /** A client's span as the parent of one of ours. */
  remote({ traceId, parentId, sampled, state }: TraceContext): SpanContext {
    const remote = { traceId, spanId: parentId, traceFlags: sampled ? 1 : 0, isRemote: true };
    const members = state.filter((_, at) => at % 2 === 1).join(',');
    return members === '' ? remote : { ...remote, traceState: this.#api.createTraceState(members) };
  }

  start({ name, kind, startTime, attributes = {}, parent }: SpanStart): Span {
    const { ROOT_CONTEXT, SpanKind, trace } = this.#api;
    return this.#tracer.startSpan(
      name,
      { kind: kind === 'server' ? SpanKind.SERVER : SpanKind.CLIENT, startTime, attributes },
      parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent),
    );
  }
}
