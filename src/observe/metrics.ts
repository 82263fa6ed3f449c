import { Registry } from 'prom-client';
import type { BreakerSnapshot } from '../resilience/index.ts';
import { acceptsOpenMetrics } from './accepts-open-metrics.ts';
import { registerBreakerMetrics, type SnapshotSource } from './breaker-metrics.ts';
import { type BulkheadSource, registerBulkheadMetrics } from './bulkhead-metrics.ts';
import { type CountMemories, ExchangeRecorder } from './exchange-recorder.ts';
import { type GatewaySource, registerGatewayMetrics } from './gateway-metrics.ts';
import { openMetricsRegistry } from './open-metrics-registry.ts';
import { processMetrics } from './process-metrics.ts';
import { RecentExemplars } from './recent-exemplars.ts';
import { registerRefusalMetrics } from './refusal-metrics.ts';
import type { RouteLabels } from './request-layout.ts';
import { registerRequestMetrics } from './request-metrics.ts';
import { RequestTotals } from './request-totals.ts';
import { registerTargetMetrics, type TargetsSource } from './target-metrics.ts';
import { registerUpstreamMetrics } from './upstream-metrics.ts';
import { registerWorkerMetrics } from './worker-metrics.ts';

/** What `GET /metrics` answers with. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** Words that one worker writes and the metrics read. */
export interface WorkerMemories extends CountMemories {
  /** Of its WorkerSampler. */
  readonly worker: Int32Array;
}

/** What the metrics are about. Functions are asked at every scrape, so that a reload may change it. */
export interface MetricSources {
  /** In the order of the configuration. */
  readonly routes: readonly RouteLabels[];
  /** Counts the exchanges of this thread. @default one of its own */
  readonly recorder?: ExchangeRecorder;
  /** What other threads write, in the order of their indexes from 1 on. @default no other thread takes requests */
  readonly workers?: readonly WorkerMemories[];
  readonly breakers: () => Iterable<SnapshotSource>;
  /** In the order of the configuration. @default none */
  readonly upstreams?: () => Iterable<TargetsSource>;
  /** The named pools. @default none */
  readonly pools?: () => Iterable<BulkheadSource>;
  /** @default nothing is told of it */
  readonly gateway?: GatewaySource;
}

/** The metrics of one gateway; docs/observability.md lists them. */
export class GatewayMetrics {
  /** Counts the exchanges of this thread; workers have their own. */
  readonly recorder: ExchangeRecorder;
  readonly #registry = new Registry();
  readonly #requests: RequestTotals;
  readonly #exemplars: RecentExemplars | null;
  readonly #breakers: () => Iterable<SnapshotSource>;
  #snapshots: readonly BreakerSnapshot[] = [];
  #openMetrics: ReturnType<typeof openMetricsRegistry> | null = null;

  constructor(sources: MetricSources) {
    const { routes, workers = [], breakers, upstreams = () => [], pools = () => [] } = sources;
    const names = [...upstreams()].map(({ name }) => name);
    this.recorder = sources.recorder ?? new ExchangeRecorder({ routes, upstreams: names, exemplars: false });
    this.#breakers = breakers;
    const threads: readonly CountMemories[] = [this.recorder.memories, ...workers];
    const all = (part: Exclude<keyof CountMemories, 'exemplars'>) =>
      threads.map((memories) => memories[part]);
    this.#requests = new RequestTotals(routes, all('requests'));
    const examples = threads.flatMap(({ exemplars }) => exemplars ?? []);
    this.#exemplars = examples.length === 0 ? null : new RecentExemplars(routes.length, examples);
    const registry = this.#registry;
    registerRequestMetrics(registry, this.#requests, this.#exemplars);
    registerRefusalMetrics(registry, all('refusals'));
    registerBreakerMetrics(registry, () => this.#snapshots);
    registerUpstreamMetrics(registry, names, all('upstreams'));
    registerTargetMetrics(registry, upstreams);
    registerBulkheadMetrics(registry, function* () {
      yield* pools();
      for (const { bulkhead } of upstreams()) if (bulkhead !== null) yield bulkhead;
    });
    registerGatewayMetrics(registry, sources.gateway);
    if (workers.length > 0) {
      registerWorkerMetrics(
        registry,
        workers.map(({ worker }) => worker),
      );
    }
  }

  /**
   * Everything, the process's own metrics last.
   *
   * @param accept the scraper's Accept field: OpenMetrics if it would rather have that, else the text format of
   *   Prometheus. Exemplars are in the former only
   */
  async expose(accept?: string): Promise<Exposition> {
    this.#requests.read();
    this.#snapshots = [...this.#breakers()].map((breaker) => breaker.snapshot());
    if (acceptsOpenMetrics(accept)) {
      this.#exemplars?.read();
      this.#openMetrics ??= openMetricsRegistry([this.#registry, processMetrics()]);
      return { contentType: this.#openMetrics.contentType, body: await this.#openMetrics.metrics() };
    }
    const [own, ofProcess] = await Promise.all([this.#registry.metrics(), processMetrics().metrics()]);
    return { contentType: this.#registry.contentType, body: `${own}\n${ofProcess}` };
  }
}
