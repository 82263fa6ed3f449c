import type { Registry } from 'prom-client';
import type { BreakerSnapshot, BreakerState } from '../resilience/index.ts';
import { showMetric } from './show-metric.ts';

/** What the metrics need of a circuit breaker. */
export interface SnapshotSource {
  snapshot(): BreakerSnapshot;
}

const STATE_VALUE: Readonly<Record<BreakerState, number>> = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 };

/** Undefined: this breaker has no such number. */
type Read = (snapshot: BreakerSnapshot) => number | undefined;

const METRICS: readonly [type: 'gauge' | 'counter', name: string, help: string, read: Read][] = [
  [
    'gauge',
    'circuit_breaker_state',
    'State of the circuit breaker: 0 closed, 1 half-open, 2 open.',
    ({ state }) => STATE_VALUE[state],
  ],
  [
    'gauge',
    'circuit_breaker_last_state_change',
    'When the circuit breaker last changed its state, in Unix seconds.',
    ({ lastChangeAt }) => lastChangeAt / 1000,
  ],
  [
    'gauge',
    'circuit_breaker_would_open',
    'In mode observe: 1 while the circuit breaker would be open, else 0.',
    ({ wouldBe }) => (wouldBe === undefined ? undefined : Number(wouldBe === 'OPEN')),
  ],
  [
    'counter',
    'circuit_breaker_failures_total',
    'Calls that the circuit breaker counted as failures, timeouts included.',
    ({ totals }) => totals.failures,
  ],
  [
    'counter',
    'circuit_breaker_successes_total',
    'Calls that the circuit breaker counted as successes.',
    ({ totals }) => totals.successes,
  ],
  [
    'counter',
    'circuit_breaker_timeouts_total',
    'Failures that were timeouts.',
    ({ totals }) => totals.timeouts,
  ],
  [
    'counter',
    'circuit_breaker_rejections_total',
    'Calls that the circuit breaker did not let through.',
    ({ totals }) => totals.rejections,
  ],
  [
    'counter',
    'circuit_breaker_would_reject_total',
    'In mode observe: calls that the circuit breaker would not have let through.',
    ({ totals }) => totals.wouldReject,
  ],
  [
    'counter',
    'circuit_breaker_would_open_total',
    'In mode observe: times that the circuit breaker would have opened.',
    ({ wouldOpens }) => wouldOpens,
  ],
  [
    'counter',
    'circuit_breaker_transitions_total',
    'Changes of the state of the circuit breaker.',
    ({ transitions }) => transitions,
  ],
  [
    'counter',
    'circuit_breaker_recoveries_total',
    'Times that the circuit breaker has closed because its probes succeeded.',
    ({ recoveries }) => recoveries,
  ],
  [
    'counter',
    'circuit_breaker_recovery_seconds_total',
    'Time from open to closed, of all recoveries together.',
    ({ recoveryMs }) => recoveryMs / 1000,
  ],
];

/**
 * Shows breakers under their names as `service`. Values are read from snapshots when somebody scrapes: counting
 * stays in the breaker, where it is exact for all threads, and costs a request nothing here.
 *
 * @param snapshots asked for each metric: those of one scrape should agree
 */
export function registerBreakerMetrics(registry: Registry, snapshots: () => Iterable<BreakerSnapshot>): void {
  for (const [type, name, help, read] of METRICS) {
    showMetric(registry, {
      type,
      name,
      help,
      labels: ['service'],
      *read() {
        for (const snapshot of snapshots()) {
          const value = read(snapshot);
          if (value !== undefined) yield [{ service: snapshot.name }, value];
        }
      },
    });
  }
}
