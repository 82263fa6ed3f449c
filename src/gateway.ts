import { randomInt } from 'node:crypto';
import { AdminServer } from './admin/admin-server.ts';
import { routeViews } from './admin/route-view.ts';
import { type BuiltCacheStore, buildCacheStore } from './build-cache-store.ts';
import type { Address, GatewayConfig, RouteConfig } from './config/gateway-config.ts';
import { maskConfig } from './config/mask-config.ts';
import { FastLane } from './http/fast/inbound/fast-lane.ts';
import { makeOutboundLane } from './http/fast/outbound/make-outbound-lane.ts';
import { FullLane } from './http/full/inbound-server.ts';
import { logFallback, logRetry, logUpstreamError } from './observe/exchange-log.ts';
import { createLogger, type Logger, logTargets, logTransitions, logWouldOpen } from './observe/log.ts';
import { GatewayMetrics } from './observe/metrics.ts';
import { AnswerFields } from './proxy/answer-fields.ts';
import { ResponseCache } from './proxy/cache/response-cache.ts';
import { FrontDoor } from './proxy/front-door.ts';
import { healthReport } from './proxy/health.ts';
import { OwnPages } from './proxy/own-pages.ts';
import { RecoveryTimes } from './proxy/recovery-times.ts';
import { compilePlans } from './proxy/route-plan.ts';
import { compileRoutes } from './proxy/router.ts';
import { TrustedPeers } from './proxy/trusted-peers.ts';
import type { CircuitBreaker } from './resilience/index.ts';
import { buildBulkhead, buildUpstreams } from './upstream/build-upstreams.ts';

export { ConfigError, type ConfigProblem } from './config/config-error.ts';
export type * from './config/gateway-config.ts';
export { loadConfig } from './config/load-config.ts';
export { parseConfig } from './config/parse-config.ts';

/** Scrapes and clicks are short; more than this is somebody who does not read. */
const ADMIN_STOP_MS = 2_000;

export interface StartOptions {
  /** @default a pino logger on standard output with the configured level */
  readonly log?: Logger;
}

export interface RunningGateway {
  /** Where requests are taken; the port is the real one when the configuration said 0. */
  readonly address: Address;
  /** Where the admin API listens, or null when it is off. */
  readonly adminAddress: Address | null;
  /**
   * Stops accepting, lets running requests finish within `server.shutdown_timeout`, then closes what is left.
   * Calling it again waits for the same stop.
   */
  stop(): Promise<void>;
}

/**
 * Composition root: from a configuration to a running gateway.
 *
 * @throws {Error} with the system's `code` (`EADDRINUSE`, `EACCES`, …) when it cannot listen; nothing is left running
 */
export async function startGateway(
  config: GatewayConfig,
  options: StartOptions = {},
): Promise<RunningGateway> {
  const log = options.log ?? createLogger({ level: config.log.level });
  const pools = new Map([...config.bulkheads].map(([name, pool]) => [name, buildBulkhead(pool)]));
  const makeLane = config.server.fastLane ? makeOutboundLane : undefined;
  const upstreams = buildUpstreams(config.upstreams, { pools, makeLane });
  const breakers = new Map([...upstreams.values()].map(({ breaker }) => [breaker.name, breaker]));
  const rules = new Map(
    [...upstreams.values()].map(({ breaker, breakerRules }) => [breaker.name, breakerRules]),
  );
  const cacheStore = await openCacheStore(config, log);
  if (cacheStore?.breaker != null) {
    breakers.set(cacheStore.breaker.name, cacheStore.breaker);
    rules.set(cacheStore.breaker.name, describeCacheBreaker(cacheStore.breaker));
  }
  for (const breaker of breakers.values()) {
    logTransitions(breaker, log);
    logWouldOpen(breaker, log);
  }
  for (const upstream of upstreams.values()) logTargets(upstream, log);
  const metrics = new GatewayMetrics({
    breakers: () => breakers.values(),
    upstreams: () => upstreams.values(),
    pools: () => pools.values(),
  });
  const router = compileRoutes(config.routes);
  const plans = compilePlans(router.routes, { upstreams, pools });
  const recoveries = new RecoveryTimes(breakers.values());
  const health = () => healthReport(upstreams.values(), { routes: plans.values(), recoveries });
  const via = config.server.via ?? `breakwater-${randomInt(1_000_000).toString().padStart(6, '0')}`;
  const trustedPeers = new TrustedPeers(config.server.trustedProxies);
  let stopping: Promise<void> | null = null;

  const frontDoor = new FrontDoor({
    context: {
      via,
      answers: new AnswerFields(config.answers, via, upstreams.values()),
      cache:
        cacheStore === null
          ? null
          : new ResponseCache({
              store: cacheStore.store,
              maxEntryBytes: config.cache.maxEntryBytes,
              name: config.server.via ?? 'breakwater',
              trusts: (address) => trustedPeers.trusts(address),
              onStoreError: (err) => log.debug({ err }, 'the store of the cache failed'),
            }),
      trustedPeers,
      observer: metrics,
      onInternalError: (error, requestId) =>
        log.error({ err: error, request_id: requestId }, 'the gateway failed to handle a request'),
      onUpstreamError: (error, attempt) => logUpstreamError(log, error, attempt),
      onRetry: (attempt, why, delayMs) => logRetry(log, attempt, why, delayMs),
      onFallback: (attempt, source, why) => logFallback(log, attempt, source, why),
    },
    router,
    plans,
    ownPages: new OwnPages({ health, ready: () => stopping === null }),
  });
  const Lane = config.server.fastLane ? FastLane : FullLane;
  const lane = new Lane({ handler: frontDoor.handle, limits: config.server, log });
  const admin =
    config.admin === null
      ? null
      : new AdminServer({
          config: config.admin,
          backend: {
            breakers: () => breakers.values(),
            rules: (breaker) => rules.get(breaker)!,
            config: () => maskConfig(config),
            routes: () => routeViews(config),
            health,
            metrics: () => metrics.expose(),
          },
          log,
        });

  const closeAll = async (): Promise<void> => {
    await lane.stop(config.server.shutdownTimeoutMs);
    await admin?.close(ADMIN_STOP_MS);
    // Every exchange is over. What upstream connections still wait for, such as a handshake, is for nobody.
    for (const upstream of upstreams.values()) upstream.destroy();
    cacheStore?.close();
    await Promise.all([...upstreams.values()].map((upstream) => upstream.close()));
  };

  try {
    const adminAddress = (await admin?.listen()) ?? null;
    const address = await lane.listen(config.server.listen);
    for (const upstream of upstreams.values()) upstream.start();
    return {
      address,
      adminAddress,
      stop: () => {
        stopping ??= closeAll();
        return stopping;
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Null when no route keeps answers. */
async function openCacheStore(config: GatewayConfig, log: Logger): Promise<BuiltCacheStore | null> {
  if (!config.routes.some(keepsAnswers)) return null;
  return buildCacheStore(config.cache, {
    onConnectionError: (err) => log.debug({ err }, 'the connection to the Redis of the cache broke'),
  });
}

function keepsAnswers({ cache, fallback }: RouteConfig): boolean {
  return cache !== null || fallback.some(({ type }) => type === 'stale');
}

function describeCacheBreaker({ options }: CircuitBreaker): string {
  const { failureThreshold, openTimeoutMs } = options;
  const seconds = openTimeoutMs.initialMs / 1000;
  return `leaves the Redis of the cache alone after ${failureThreshold} failures in a row, for ${seconds}s`;
}
