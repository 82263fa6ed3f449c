import type { Span } from '@opentelemetry/api';
import type { BreakerState, BreakerTransition } from '../resilience/index.ts';
import type { SpanClock } from './span-clock.ts';

const EVENTS: Readonly<Record<BreakerState, string>> = {
  CLOSED: 'circuit_breaker.closed',
  HALF_OPEN: 'circuit_breaker.half_open',
  OPEN: 'circuit_breaker.opened',
};

/** Says on a span that it has changed a breaker's state, and why. */
export function addTransitions(
  span: Span,
  transitions: readonly BreakerTransition[],
  clock: SpanClock,
): void {
  for (const { breaker, from, to, reason } of transitions) {
    span.addEvent(
      EVENTS[to],
      {
        'breakwater.circuit_breaker': breaker,
        'breakwater.circuit_breaker.from': from,
        'breakwater.reason': reason.message,
      },
      clock.now(),
    );
  }
}
