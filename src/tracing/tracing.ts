import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import type { TracingConfig } from '../config/gateway-config.ts';
import { maskQuery } from '../config/mask-url.ts';
import type { ExchangeTracer } from '../proxy/exchange-trace.ts';
import { BoundedProcessor } from './bounded-processor.ts';
import { Collector } from './collector.ts';
import { ExportLog } from './export-log.ts';
import { GatewayTracer } from './gateway-tracer.ts';
import { type OpenTelemetry, openTelemetry } from './open-telemetry.ts';
import { OtlpExporter } from './otlp-exporter.ts';
import { SpanMaker } from './span-maker.ts';
import { type TransitionSource, TransitionWatch } from './transition-watch.ts';

/** Milliseconds for what is still to be sent when the gateway stops. */
const FLUSH_MS = 2_000;

/** The library's own limit of a batch is never to be the one that ends it: ours also ends what is under way. */
const BEYOND_TIMEOUT_MS = 5_000;

/** Characters of one attribute: a client chooses path and user agent, and they wait in memory. */
const MAX_VALUE_LENGTH = 1024;

export interface TracingParts {
  readonly log: Pick<Logger, 'warn'>;
  readonly breakers: Iterable<TransitionSource>;
  /** Whether what a peer says about whom it forwards for is believed. */
  readonly trusts: (address: string) => boolean;
}

/** From exchanges to spans at a collector. One for each thread that takes traffic. */
export class Tracing {
  readonly tracer: ExchangeTracer;
  readonly #end: () => Promise<void>;

  private constructor(
    { api, sdk, resources }: OpenTelemetry,
    config: TracingConfig,
    { log, breakers, trusts }: TracingParts,
  ) {
    const { batch, intervalMs, queue, timeoutMs } = config.export;
    const losses = new ExportLog({ log, endpoint: maskQuery(config.endpoint) });
    const exporter = new OtlpExporter({
      collector: new Collector(config),
      log: losses,
      timeoutMs,
      onTaken: (spans) => bounded.taken(spans),
    });
    const batches = new sdk.BatchSpanProcessor({
      exporter,
      maxExportBatchSize: batch,
      maxQueueSize: queue,
      scheduledDelayMillis: intervalMs,
      exportTimeoutMillis: timeoutMs + BEYOND_TIMEOUT_MS,
    });
    const bounded = new BoundedProcessor(batches, queue, () => losses.dropped(1));
    const provider = new sdk.TracerProvider({
      // Whether there is to be a span has been decided when one is made.
      sampler: new sdk.AlwaysOnSampler(),
      spanLimits: { attributeValueLengthLimit: MAX_VALUE_LENGTH },
      spanProcessors: [bounded],
      resource: resources.resourceFromAttributes({
        'service.name': config.serviceName,
        'service.version': version(),
        'telemetry.sdk.language': 'nodejs',
        'telemetry.sdk.name': 'opentelemetry',
      }),
    });
    const transitions = new TransitionWatch(breakers);
    this.tracer = new GatewayTracer({
      spans: new SpanMaker(api, provider.getTracer('breakwater')),
      transitions,
      trusts,
      sampling: config,
      ids: new sdk.RandomIdGenerator(),
    });
    this.#end = async () => {
      transitions.stop();
      exporter.hurry();
      // The library is through as soon as one batch has failed, and others may be under way still.
      const sent = provider
        .shutdown()
        .catch(() => {})
        .then(() => exporter.forceFlush());
      await within(FLUSH_MS, sent);
      exporter.destroy();
      await exporter.forceFlush();
      losses.close();
    };
  }

  /** @throws Error a package that it needs is not installed */
  static async open(config: TracingConfig, parts: TracingParts): Promise<Tracing> {
    return new Tracing(await openTelemetry(), config, parts);
  }

  /** Sends what is left, for at most 2 s. Spans that end later are not sent. */
  close(): Promise<void> {
    return this.#end();
  }
}

/** What has not come about then is still under way. */
async function within(limitMs: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, limitMs);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}

/** The package's own file is two folders up from here, in src/tracing/ as in dist/parts/. */
function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
