import type { HeaderList } from '../http/message.ts';
import { outgoingFields, type TraceContext } from '../http/trace-context.ts';
import type { AttemptTrace, ExchangeTrace } from '../proxy/exchange-trace.ts';

export interface Ids {
  generateTraceId(): string;
  generateSpanId(): string;
}

/**
 * An exchange that is not sampled, and all of its attempts: nothing is recorded, but whoever is asked behind us must know of
 * the decision, or each of them would make one of its own.
 */
export class UnsampledTrace implements ExchangeTrace, AttemptTrace {
  readonly traceId: string;
  readonly sampled = false;
  readonly fields: HeaderList;

  /** @param context null: the trace begins here */
  constructor(context: TraceContext | null, ids: Ids) {
    this.traceId = context === null ? ids.generateTraceId() : context.traceId;
    // What already says so goes on as it came.
    if (context?.sampled === false) this.fields = UNCHANGED;
    else {
      const span = { traceId: this.traceId, spanId: ids.generateSpanId(), sampled: false };
      this.fields = outgoingFields(span, context);
    }
  }

  attempt(): AttemptTrace {
    return this;
  }

  refused(): void {}

  retries(): void {}

  fellBack(): void {}

  answered(): void {}

  failed(): void {}

  judged(): void {}

  ended(): void {}
}

const UNCHANGED: HeaderList = [];
