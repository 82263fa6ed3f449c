import type { EventFeed } from '../observe/event-feed.ts';
import type { Exposition } from '../observe/metrics.ts';
import type { TrafficHistory } from '../observe/traffic-history.ts';
import type { HealthReport } from '../proxy/health.ts';
import type { BreakerSnapshot } from '../resilience/index.ts';
import type { Overview } from './live/live-types.ts';
import type { RouteView } from './route-view.ts';

/** What the admin API shows and turns; the composition root hands it in. Everything is asked anew per request. */
export interface AdminBackend {
  readonly breakers: () => Iterable<AdminBreaker>;
  /** When the breaker of this name opens and for how long, in plain words. */
  readonly rules: (breaker: string) => string;
  /** The configuration in effect, secrets masked. */
  readonly config: () => unknown;
  readonly routes: () => readonly RouteView[];
  /** @param accept the Accept field of the scraper; empty where there is none */
  readonly metrics: (accept: string) => Promise<Exposition>;
  readonly health: () => HealthReport;
  readonly overview: () => Overview;
  readonly history: Pick<TrafficHistory, 'upstreams' | 'samples' | 'on'>;
  /** Actions are told to it. */
  readonly events: Pick<EventFeed, 'tell' | 'since' | 'on'>;
}

/** A circuit breaker as an operator handles it. */
export interface AdminBreaker {
  readonly name: string;
  snapshot(): BreakerSnapshot;
  reset(): void;
  forceOpen(): void;
  forceClose(): void;
  release(): void;
}
