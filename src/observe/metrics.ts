import { Registry } from 'prom-client';
import { registerBreakerMetrics, type SnapshotSource } from './breaker-metrics.ts';
import { type BulkheadSource, registerBulkheadMetrics } from './bulkhead-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import type { RouteLabels } from './request-layout.ts';
import { registerRequestMetrics } from './request-metrics.ts';
import { RequestRecorder } from './request-recorder.ts';
import { RequestTotals } from './request-totals.ts';
import { registerTargetMetrics, type TargetsSource } from './target-metrics.ts';
import { registerWorkerMetrics } from './worker-metrics.ts';

/** What `GET /metrics` answers with. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

/** Words that one worker writes and the metrics read. */
export interface WorkerMemories {
  /** Of its RequestRecorder. */
  readonly requests: Int32Array;
  /** Of its WorkerSampler. */
  readonly worker: Int32Array;
}

/** What the metrics are about. Functions are asked at every scrape, so that a reload may change it. */
export interface MetricSources {
  /** In the order of the configuration. */
  readonly routes: readonly RouteLabels[];
  /** Counts the exchanges of this thread. @default one of its own */
  readonly recorder?: RequestRecorder;
  /** What other threads write, in the order of their indexes from 1 on. @default no other thread takes requests */
  readonly workers?: readonly WorkerMemories[];
  readonly breakers: () => Iterable<SnapshotSource>;
  /** @default none */
  readonly upstreams?: () => Iterable<TargetsSource>;
  /** The named pools. @default none */
  readonly pools?: () => Iterable<BulkheadSource>;
}

/** The metrics of one gateway; docs/observability.md lists them. */
export class GatewayMetrics {
  /** Counts the exchanges of this thread; workers have their own. */
  readonly recorder: RequestRecorder;
  readonly #registry = new Registry();
  readonly #requests: RequestTotals;

  constructor(sources: MetricSources) {
    const { routes, workers = [], breakers, upstreams = () => [], pools = () => [] } = sources;
    this.recorder = sources.recorder ?? new RequestRecorder(routes);
    this.#requests = new RequestTotals(routes, [
      this.recorder.memory,
      ...workers.map(({ requests }) => requests),
    ]);
    registerRequestMetrics(this.#registry, this.#requests);
    registerBreakerMetrics(this.#registry, breakers);
    registerTargetMetrics(this.#registry, upstreams);
    registerBulkheadMetrics(this.#registry, function* () {
      yield* pools();
      for (const { bulkhead } of upstreams()) if (bulkhead !== null) yield bulkhead;
    });
    if (workers.length > 0) {
      registerWorkerMetrics(
        this.#registry,
        workers.map(({ worker }) => worker),
      );
    }
  }

  /** Everything in the text format of Prometheus, the process's own metrics last. */
  async expose(): Promise<Exposition> {
    this.#requests.read();
    const [own, ofProcess] = await Promise.all([this.#registry.metrics(), processMetrics().metrics()]);
    return { contentType: this.#registry.contentType, body: `${own}\n${ofProcess}` };
  }
}
