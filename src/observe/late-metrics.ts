import type { Exposition, GatewayMetrics, MetricSources } from './metrics.ts';

/**
 * The metrics of a gateway, loaded when they are first asked for: prom-client takes 15 MB and its time at the start. What
 * the gateway counts itself is counted from the start on; what prom-client measures of the process, from then on.
 */
export class LateMetrics {
  readonly #sources: MetricSources;
  #loading: Promise<GatewayMetrics> | null = null;

  constructor(sources: MetricSources) {
    this.#sources = sources;
  }

  /** @param accept as for GatewayMetrics */
  async expose(accept?: string): Promise<Exposition> {
    this.#loading ??= import('./metrics.ts').then(({ GatewayMetrics }) => new GatewayMetrics(this.#sources));
    return (await this.#loading).expose(accept);
  }
}
