import type { Span, SpanContext } from '@opentelemetry/api';
import type { HeaderList } from '../http/message.ts';
import type { FailedAttempt } from '../proxy/exchange-context.ts';
import type { AttemptTrace } from '../proxy/exchange-trace.ts';
import type { Outcome } from '../resilience/index.ts';
import type { Target } from '../upstream/target.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { methodOf, spanName } from './http-names.ts';
import type { SpanClock } from './span-clock.ts';
import type { SpanMaker } from './span-maker.ts';
import { ERROR } from './span-status.ts';
import { addTransitions } from './transition-events.ts';
import type { TransitionWatch } from './transition-watch.ts';

export interface AttemptSpanParts {
  readonly spans: SpanMaker;
  readonly transitions: TransitionWatch;
  readonly clock: SpanClock;
  /** The exchange's span. */
  readonly parent: SpanContext;
  /** The fields that name this span to the target. */
  readonly fieldsOf: (spanId: string) => HeaderList;
  readonly method: string;
  /** As it is sent, without its query. */
  readonly path: string;
}

/** The span of one attempt: that of an HTTP client. */
export class AttemptSpan implements AttemptTrace {
  readonly fields: HeaderList;
  readonly #span: Span;
  readonly #breaker: string;
  readonly #transitions: TransitionWatch;
  readonly #clock: SpanClock;

  constructor(parts: AttemptSpanParts, upstream: Upstream, target: Target, nth: number) {
    const { clock, method, parent, path, spans, transitions } = parts;
    this.#transitions = transitions;
    this.#clock = clock;
    this.#breaker = upstream.breaker.name;
    const { config } = target;
    this.#span = spans.start({
      name: spanName(method, null),
      kind: 'client',
      startTime: clock.now(),
      parent,
      attributes: {
        'http.request.method': methodOf(method),
        'http.request.method_original': methodOf(method) === method ? undefined : method,
        'http.request.resend_count': nth > 1 ? nth - 1 : undefined,
        'server.address': config.hostname,
        'server.port': config.port,
        'network.peer.address': config.address,
        'url.full': config.url + path,
        'breakwater.upstream': upstream.name,
      },
    });
    this.fields = parts.fieldsOf(this.#span.spanContext().spanId);
    // The permit that it has may be one of the first of a half-open circuit.
    this.#tellTransitions();
  }

  answered(status: number): void {
    this.#span.setAttribute('http.response.status_code', status);
    if (status >= 400) this.#failedBy(String(status));
  }

  failed({ kind, code, detail, status }: FailedAttempt): void {
    if (kind === 'status') {
      this.#failedBy(status !== null && status >= 400 ? String(status) : kind, detail);
      return;
    }
    this.#failedBy(kind, detail);
    if (code !== null) this.#span.setAttribute('breakwater.error_code', code);
  }

  judged(outcome: Outcome | 'timeout'): void {
    this.#span.setAttribute('breakwater.judged', outcome);
    this.#tellTransitions();
  }

  ended(): void {
    this.#span.end(this.#clock.now());
  }

  #failedBy(type: string, message?: string): void {
    this.#span.setAttribute('error.type', type);
    this.#span.setStatus(message === undefined ? { code: ERROR } : { code: ERROR, message });
  }

  #tellTransitions(): void {
    addTransitions(this.#span, this.#transitions.take(this.#breaker), this.#clock);
  }
}
