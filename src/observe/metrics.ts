import { Registry } from 'prom-client';
import type { ExchangeObserver, ExchangeRecord } from '../proxy/exchange-record.ts';
import { registerBreakerMetrics, type SnapshotSource } from './breaker-metrics.ts';
import { type BulkheadSource, registerBulkheadMetrics } from './bulkhead-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { RequestMetrics } from './request-metrics.ts';
import { registerTargetMetrics, type TargetsSource } from './target-metrics.ts';

/** What `GET /metrics` answers with. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** What the metrics are about; asked at every scrape, so that a reload may change it. */
export interface MetricSources {
  readonly breakers: () => Iterable<SnapshotSource>;
  /** @default none */
  readonly upstreams?: () => Iterable<TargetsSource>;
  /** The named pools. @default none */
  readonly pools?: () => Iterable<BulkheadSource>;
}

/** The metrics of one gateway; docs/observability.md lists them. */
export class GatewayMetrics implements ExchangeObserver {
  readonly #registry = new Registry();
  readonly #requests = new RequestMetrics(this.#registry);

  constructor({ breakers, upstreams = () => [], pools = () => [] }: MetricSources) {
    registerBreakerMetrics(this.#registry, breakers);
    registerTargetMetrics(this.#registry, upstreams);
    registerBulkheadMetrics(this.#registry, function* () {
      yield* pools();
      for (const { bulkhead } of upstreams()) if (bulkhead !== null) yield bulkhead;
    });
  }

  finished(record: ExchangeRecord): void {
    this.#requests.finished(record);
  }

  /** Everything in the text format of Prometheus, the process's own metrics last. */
  async expose(): Promise<Exposition> {
    const [own, ofProcess] = await Promise.all([this.#registry.metrics(), processMetrics().metrics()]);
    return { contentType: this.#registry.contentType, body: `${own}\n${ofProcess}` };
  }
}
