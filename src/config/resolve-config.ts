import { BUILT_IN_PROFILES } from './built-in-profiles.ts';
import type {
  AdminConfig,
  AnswersConfig,
  CacheConfig,
  GatewayConfig,
  LogConfig,
  ServerConfig,
  TracingConfig,
} from './gateway-config.ts';
import { resolveRoute } from './resolve-route.ts';
import { resolveBulkhead, resolveUpstream } from './resolve-upstream.ts';
import { DEFAULT_MAX_ENTRY_BYTES, redisSchema } from './schema/cache-schema.ts';
import type { GatewayFile } from './schema/gateway-schema.ts';
import { accessLogFieldsSchema } from './schema/log-schema.ts';
import { DEFAULT_BATCH } from './schema/tracing-schema.ts';

/**
 * From the file's keys to the names the code uses.
 * @param routeLines line of each route, in their order
 */
export function resolveConfig(file: GatewayFile, routeLines: readonly number[]): GatewayConfig {
  const profile = file.profile ?? null;
  const profiles = { byName: { ...BUILT_IN_PROFILES, ...file.circuit_breakers }, active: profile };
  const bulkheads = Object.entries(file.bulkheads ?? {}).map(
    ([name, bulkhead]) => [name, resolveBulkhead(name, bulkhead)] as const,
  );
  const upstreams = Object.entries(file.upstreams).map(
    ([name, upstream]) => [name, resolveUpstream(name, upstream, profiles)] as const,
  );
  return {
    profile,
    server: serverConfig(file.server),
    answers: answersConfig(file.answers),
    admin: adminConfig(file.admin),
    log: logConfig(file.log),
    tracing: tracingConfig(file.tracing),
    cache: cacheConfig(file.cache),
    bulkheads: new Map(bulkheads),
    upstreams: new Map(upstreams),
    routes: file.routes.map((route, index) => resolveRoute(route, routeLines[index]!, profile)),
  };
}

function serverConfig(server: GatewayFile['server']): ServerConfig {
  return {
    listen: server.listen,
    fastLane: server.fast_lane,
    workers: server.workers,
    headerTimeoutMs: server.header_timeout,
    bodyTimeoutMs: server.body_timeout,
    idleTimeoutMs: server.idle_timeout,
    sendTimeoutMs: server.send_timeout,
    shutdownTimeoutMs: server.shutdown_timeout,
    maxHeaderBytes: server.max_header_size,
    maxHeaderCount: server.max_header_count,
    maxTargetBytes: server.max_target_size,
    maxBodyBytes: server.max_body_size,
    maxConnections: server.max_connections,
    trustedProxies: server.trusted_proxies ?? [],
    via: server.via ?? null,
  };
}

function adminConfig(admin: GatewayFile['admin']): AdminConfig | null {
  return admin === undefined ? null : { listen: admin.listen, token: admin.token ?? null };
}

function answersConfig(answers: GatewayFile['answers']): AnswersConfig {
  return {
    requestId: answers.request_id,
    via: answers.via,
    circuitBreaker: answers.circuit_breaker,
    degraded: answers.degraded,
    serverTiming: answers.server_timing,
    cacheStatus: answers.cache_status,
  };
}

function tracingConfig(tracing: GatewayFile['tracing']): TracingConfig | null {
  if (tracing === undefined || tracing.endpoint === null) return null;
  const { interval, batch, queue, timeout } = tracing.export;
  return {
    endpoint: tracing.endpoint,
    headers: tracing.headers ?? {},
    sample: tracing.sample,
    trustParent: tracing.trust_parent,
    serviceName: tracing.service_name,
    export: {
      intervalMs: interval,
      batch: batch ?? Math.min(DEFAULT_BATCH, queue),
      queue,
      timeoutMs: timeout,
    },
  };
}

function logConfig({ level, format, access }: GatewayFile['log']): LogConfig {
  if (access === undefined || access === false) return { level, format, access: null };
  const keys = access === true ? accessLogFieldsSchema.parse({}) : access;
  return {
    level,
    format,
    access: {
      sample: keys.sample,
      slowMs: keys.slow,
      file: keys.file ?? null,
      query: keys.query,
      redact: keys.redact ?? [],
      requestHeaders: keys.request_headers ?? [],
      clientAddress: keys.client_address,
    },
  };
}

function cacheConfig(cache: GatewayFile['cache']): CacheConfig {
  const { redis } = cache;
  return {
    maxBytes: cache.max_size,
    maxEntryBytes: cache.max_entry_size ?? Math.min(DEFAULT_MAX_ENTRY_BYTES, cache.max_size),
    redis:
      redis === undefined || redis === null
        ? null
        : redisConfig(typeof redis === 'string' ? redisSchema.parse({ url: redis }) : redis),
  };
}

function redisConfig(
  redis: Exclude<GatewayFile['cache']['redis'], string | null | undefined>,
): CacheConfig['redis'] {
  return {
    url: redis.url,
    commandTimeoutMs: redis.command_timeout,
    prefix: redis.prefix,
    failureThreshold: redis.failure_threshold,
    openTimeoutMs: redis.open_timeout,
  };
}
