import type { Logger } from 'pino';
import type { BreakerTransition, CircuitBreaker } from '../../src/resilience/index.ts';

const verbs = { CLOSED: 'CLOSED', HALF_OPEN: 'HALF_OPEN', OPEN: 'OPENED' } as const;

/** Logs every transition as one line whose text operators search for (docs/services.md). */
export function logBreaker(breaker: CircuitBreaker, log: Logger): void {
  breaker.on('transition', ({ breaker: name, from, to, reason, counts }: BreakerTransition) => {
    const line = `[CIRCUIT_BREAKER] ${name} circuit breaker ${verbs[to]}: ${reason.message}`;
    log[to === 'OPEN' ? 'warn' : 'info']({ breaker: name, from, to, reason, counts }, line);
  });
}
