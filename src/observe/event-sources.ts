import type { BreakerTransition, BreakerWouldOpen } from '../resilience/index.ts';
import type { GatewayEvent, TransitionEvent } from './gateway-event.ts';
import type { TargetSource, TransitionSource, WouldOpenSource } from './log.ts';

type TellEvent = (event: GatewayEvent) => void;

/**
 * Tells of the transitions of a breaker, and of those that it would make in mode `observe`. Failures are attached where
 * they are collected, in the main thread.
 *
 * @param upstream which it protects; null for that of the cache
 */
export function tellBreaker(
  breaker: TransitionSource & WouldOpenSource,
  upstream: string | null,
  tell: TellEvent,
): void {
  breaker.on('transition', (transition) => tell(transitionEvent(transition, upstream)));
  breaker.on('would_open', ({ breaker: name, reason, at }: BreakerWouldOpen) =>
    tell({ type: 'would_open', at, breaker: name, upstream, reason, samples: [] }),
  );
}

/** Tells of the targets that leave or join the rotation. */
export function tellTargets(source: TargetSource, tell: TellEvent): void {
  source.on(({ type: change, upstream, target, reason }) =>
    tell({ type: 'target', at: Date.now(), upstream, target, change, reason }),
  );
}

function transitionEvent(transition: BreakerTransition, upstream: string | null): TransitionEvent {
  const { breaker, from, to, reason, at, counts, retryAfterMs = null, openForMs = null } = transition;
  return {
    type: 'transition',
    at,
    breaker,
    upstream,
    from,
    to,
    reason,
    counts,
    retryAfterMs,
    openForMs,
    samples: [],
  };
}
