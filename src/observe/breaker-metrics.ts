import { Counter, Gauge, type Registry } from 'prom-client';
import type { BreakerSnapshot, BreakerState } from '../resilience/index.ts';

/** What the metrics need of a circuit breaker. */
export interface SnapshotSource {
  snapshot(): BreakerSnapshot;
}

const STATE_VALUE: Readonly<Record<BreakerState, number>> = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 };

/** Undefined: this breaker has no such number. */
type Read = (snapshot: BreakerSnapshot) => number | undefined;

const GAUGES: readonly [name: string, help: string, read: Read][] = [
  [
    'circuit_breaker_state',
    'State of the circuit breaker: 0 closed, 1 half-open, 2 open.',
    ({ state }) => STATE_VALUE[state],
  ],
  [
    'circuit_breaker_last_state_change',
    'When the circuit breaker last changed its state, in Unix seconds.',
    ({ lastChangeAt }) => lastChangeAt / 1000,
  ],
  [
    'circuit_breaker_would_open',
    'In mode observe: 1 while the circuit breaker would be open, else 0.',
    ({ wouldBe }) => (wouldBe === undefined ? undefined : Number(wouldBe === 'OPEN')),
  ],
];

const COUNTERS: typeof GAUGES = [
  [
    'circuit_breaker_failures_total',
    'Calls that the circuit breaker counted as failures, timeouts included.',
    ({ totals }) => totals.failures,
  ],
  [
    'circuit_breaker_successes_total',
    'Calls that the circuit breaker counted as successes.',
    ({ totals }) => totals.successes,
  ],
  ['circuit_breaker_timeouts_total', 'Failures that were timeouts.', ({ totals }) => totals.timeouts],
  [
    'circuit_breaker_rejections_total',
    'Calls that the circuit breaker did not let through.',
    ({ totals }) => totals.rejections,
  ],
  [
    'circuit_breaker_would_reject_total',
    'In mode observe: calls that the circuit breaker would not have let through.',
    ({ totals }) => totals.wouldReject,
  ],
  [
    'circuit_breaker_would_open_total',
    'In mode observe: times that the circuit breaker would have opened.',
    ({ wouldOpens }) => wouldOpens,
  ],
  [
    'circuit_breaker_transitions_total',
    'Changes of the state of the circuit breaker.',
    ({ transitions }) => transitions,
  ],
];

/**
 * Shows breakers under their names as `service`. Values are read from snapshots when somebody scrapes: counting
 * stays in the breaker, where it is exact for all threads, and costs a request nothing here.
 *
 * @param breakers asked at every scrape, so that a reload may change them
 */
export function registerBreakerMetrics(registry: Registry, breakers: () => Iterable<SnapshotSource>): void {
  for (const [name, help, read] of GAUGES) {
    new Gauge({
      name,
      help,
      labelNames: ['service'],
      registers: [registry],
      collect() {
        this.reset();
        for (const breaker of breakers()) {
          const snapshot = breaker.snapshot();
          const value = read(snapshot);
          if (value !== undefined) this.set({ service: snapshot.name }, value);
        }
      },
    });
  }
  for (const [name, help, read] of COUNTERS) {
    new Counter({
      name,
      help,
      labelNames: ['service'],
      registers: [registry],
      collect() {
        this.reset();
        for (const breaker of breakers()) {
          const snapshot = breaker.snapshot();
          const value = read(snapshot);
          if (value !== undefined) this.inc({ service: snapshot.name }, value);
        }
      },
    });
  }
}
