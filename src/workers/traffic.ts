import type { Address } from '../config/gateway-config.ts';
import { FastLane } from '../http/fast/inbound/fast-lane.ts';
import { type ConnectionTally, FullLane, type HeadRefused } from '../http/full/inbound-server.ts';
import { logFailedAttempt, logFallback, logRetry } from '../observe/exchange-log.ts';
import type { ExchangeRecorder } from '../observe/exchange-recorder.ts';
import type { Logger } from '../observe/log.ts';
import { AnswerFields } from '../proxy/answer-fields.ts';
import type { ResponseCache } from '../proxy/cache/response-cache.ts';
import type { ExchangeContext } from '../proxy/exchange-context.ts';
import type { ExchangeObserver } from '../proxy/exchange-record.ts';
import { FrontDoor } from '../proxy/front-door.ts';
import { OwnPages } from '../proxy/own-pages.ts';
import { TrustedPeers } from '../proxy/trusted-peers.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { type BuiltCacheStore, buildCacheStore, keepsAnswers, type WayToMainStore } from './cache-store.ts';
import type { GatewayCore } from './gateway-core.ts';
import { storeMarks } from './shared-memory.ts';
import type { StorePort } from './store/store-calls.ts';

export interface TrafficOptions {
  readonly log: Logger;
  /** Counts what is none of a finished exchange; those the observer is told of. */
  readonly recorder: Pick<ExchangeRecorder, 'attemptFailed' | 'answered' | 'headRefused'>;
  readonly observer: ExchangeObserver;
  /** Told of what is refused while its head is read. @default nobody is told */
  readonly onHeadRefused?: HeadRefused | undefined;
  /** Told of every failed attempt beside the log. @default nobody wants to know */
  readonly onAttemptFailed?: ExchangeContext['onAttemptFailed'] | undefined;
  /** Our pseudonym in `Via`; one for all threads, or they would not know each other's requests. */
  readonly via: string;
  /** Where others take traffic on the same port. @default nobody does */
  readonly tally?: ConnectionTally | undefined;
  /** To the main thread's store, where workers keep their answers there. @default null */
  readonly storePort?: StorePort | null;
}

/** What takes requests: the inbound lane, the front door, and the cache. */
export class Traffic {
  readonly #core: GatewayCore;
  readonly #lane: FullLane;
  readonly #cacheStore: BuiltCacheStore | null;
  readonly #tracing: Tracing | null;
  #stopping: Promise<void> | null = null;

  private constructor(core: GatewayCore, options: TrafficOptions, { cache, tracing }: LateParts) {
    this.#core = core;
    this.#cacheStore = cache?.store ?? null;
    this.#tracing = tracing;
    const { log, tally, recorder, onHeadRefused } = options;
    const frontDoor = new FrontDoor({
      context: {
        ...exchangeContext(core, options),
        cache: cache?.cache ?? null,
        tracer: tracing?.tracer ?? null,
      },
      router: core.router,
      plans: core.plans,
      ownPages: new OwnPages({ health: () => core.health(), ready: () => this.#stopping === null }),
    });
    const { server } = core.config;
    const Lane = server.fastLane ? FastLane : FullLane;
    this.#lane = new Lane({
      handler: frontDoor.handle,
      limits: server,
      log,
      tally,
      onHeadRefused: (refusal, remoteAddress) => {
        recorder.headRefused(refusal);
        onHeadRefused?.(refusal, remoteAddress);
      },
    });
  }

  /** @throws Error what `buildCacheStore` and `Tracing.open` throw */
  static async open(core: GatewayCore, options: TrafficOptions): Promise<Traffic> {
    const tracing = await openTracing(core, options);
    return new Traffic(core, options, { tracing, cache: await openCache(core, options) });
  }

  /** @throws {Error} with the system's `code` when it cannot listen there */
  listen(address: Address, options: { reusePort?: boolean } = {}): Promise<Address> {
    return this.#lane.listen(address, options);
  }

  /**
   * Says that it is not ready, stops accepting, lets running requests finish within `server.shutdown_timeout`, and sends the
   * last spans.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await this.#lane.stop(this.#core.config.server.shutdownTimeoutMs);
    await this.#tracing?.close();
  }

  /** When everything that uses it is over. */
  closeCache(): void {
    this.#cacheStore?.close();
  }
}

/** What is loaded only where it is configured. */
interface LateParts {
  readonly cache: OpenCache | null;
  readonly tracing: Tracing | null;
}

function exchangeContext(
  core: GatewayCore,
  { log, recorder, observer, via, onAttemptFailed }: TrafficOptions,
): Omit<ExchangeContext, keyof LateParts | 'tracer'> {
  const { answers, server } = core.config;
  return {
    via,
    answers: new AnswerFields(answers, via, core.upstreams.values()),
    trustedPeers: new TrustedPeers(server.trustedProxies),
    observer,
    onInternalError: (error, requestId) =>
      log.error({ err: error, request_id: requestId }, 'the gateway failed to handle a request'),
    onAttemptFailed: (failure, attempt) => {
      recorder.attemptFailed(failure, attempt.upstream);
      logFailedAttempt(log, failure, attempt);
      onAttemptFailed?.(failure, attempt);
    },
    onAnswerCut: (failure, attempt) => logFailedAttempt(log, failure, attempt),
    onUpstreamAnswered: (upstream, ms) => recorder.answered(upstream, ms),
    onRetry: (attempt, why, delayMs) => logRetry(log, attempt, why, delayMs),
    onFallback: (attempt, source, why) => logFallback(log, attempt, source, why),
  };
}

/** Null when nothing is to be traced; nothing of it is loaded then. */
async function openTracing(core: GatewayCore, { log }: TrafficOptions): Promise<Tracing | null> {
  const { tracing, server } = core.config;
  if (tracing === null) return null;
  const { Tracing } = await import('../tracing/tracing.ts');
  const trustedPeers = new TrustedPeers(server.trustedProxies);
  return Tracing.open(tracing, {
    log,
    breakers: core.breakers.values(),
    trusts: (address) => trustedPeers.trusts(address),
  });
}

interface OpenCache {
  readonly cache: ResponseCache;
  readonly store: BuiltCacheStore;
}

/** Null when no route keeps answers; nothing of the cache is loaded then. */
async function openCache(
  core: GatewayCore,
  { log, storePort = null }: TrafficOptions,
): Promise<OpenCache | null> {
  const { cache, routes, server } = core.config;
  if (!routes.some(keepsAnswers)) return null;
  const { ResponseCache } = await import('../proxy/cache/response-cache.ts');
  const trustedPeers = new TrustedPeers(server.trustedProxies);
  const store = await buildCacheStore(cache, {
    breaker: core.cacheBreaker ?? undefined,
    main: wayToMainStore(core, storePort),
    onConnectionError: (err) => log.debug({ err }, 'the connection to the Redis of the cache broke'),
  });
  return {
    store,
    cache: new ResponseCache({
      store: store.store,
      maxEntryBytes: cache.maxEntryBytes,
      name: server.via ?? 'breakwater',
      trusts: (address) => trustedPeers.trusts(address),
      marks: core.sharing && storeMarks(core.sharing.memory).marks,
      onStoreError: (err) => log.debug({ err }, 'the store of the cache failed'),
    }),
  };
}

function wayToMainStore({ sharing }: GatewayCore, port: StorePort | null): WayToMainStore | undefined {
  if (sharing === undefined || port === null) return undefined;
  // The main thread, which is counted too, takes no traffic.
  return { port, workers: sharing.place.count - 1, ...storeMarks(sharing.memory) };
}
