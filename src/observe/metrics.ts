import { Registry } from 'prom-client';
import type { ExchangeObserver, ExchangeRecord } from '../proxy/exchange-record.ts';
import { registerBreakerMetrics, type SnapshotSource } from './breaker-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { RequestMetrics } from './request-metrics.ts';

/** What `GET /metrics` answers with. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** The metrics of one gateway; docs/observability.md lists them. */
export class GatewayMetrics implements ExchangeObserver {
  readonly #registry = new Registry();
  readonly #requests = new RequestMetrics(this.#registry);

  /** @param breakers asked at every scrape */
  constructor(breakers: () => Iterable<SnapshotSource>) {
    registerBreakerMetrics(this.#registry, breakers);
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
