import type {
  AnswersConfig,
  CacheConfig,
  GatewayConfig,
  LogConfig,
  ServerConfig,
  TracingConfig,
} from './gateway-config.ts';
import { MASK, maskQuery, maskUrl } from './mask-url.ts';
import { present } from './present.ts';
import { routeKeys } from './route-keys.ts';
import { formatAddress } from './schema/address.ts';
import { formatDuration, formatPercent, formatSize } from './schema/quantities.ts';
import { bulkheadKeys, upstreamKeys } from './upstream-keys.ts';

/**
 * The configuration in force in the file's own keys, ready for JSON, without anything that opens a door. What
 * came from profiles stands in the breakers themselves.
 */
export function maskConfig(config: GatewayConfig): Readonly<Record<string, unknown>> {
  const { admin } = config;
  return {
    ...present('profile', config.profile),
    server: serverKeys(config.server),
    answers: answersKeys(config.answers),
    admin: admin && {
      listen: formatAddress(admin.listen),
      token: admin.token === null ? null : MASK,
    },
    log: logKeys(config.log),
    ...present('tracing', config.tracing && tracingKeys(config.tracing)),
    cache: cacheKeys(config.cache),
    bulkheads: Object.fromEntries([...config.bulkheads].map(([name, pool]) => [name, bulkheadKeys(pool)])),
    upstreams: Object.fromEntries(
      [...config.upstreams].map(([name, upstream]) => [name, upstreamKeys(upstream)]),
    ),
    routes: config.routes.map(routeKeys),
  };
}

function serverKeys(server: ServerConfig): Record<string, unknown> {
  return {
    listen: formatAddress(server.listen),
    fast_lane: server.fastLane,
    workers: server.workers,
    header_timeout: formatDuration(server.headerTimeoutMs),
    body_timeout: formatDuration(server.bodyTimeoutMs),
    idle_timeout: formatDuration(server.idleTimeoutMs),
    send_timeout: formatDuration(server.sendTimeoutMs),
    shutdown_timeout: formatDuration(server.shutdownTimeoutMs),
    max_header_size: formatSize(server.maxHeaderBytes),
    max_header_count: server.maxHeaderCount,
    max_target_size: formatSize(server.maxTargetBytes),
    max_body_size: server.maxBodyBytes === null ? 'unlimited' : formatSize(server.maxBodyBytes),
    max_connections: server.maxConnections ?? 'unlimited',
    trusted_proxies: server.trustedProxies,
    ...(server.via === null ? {} : { via: server.via }),
  };
}

function answersKeys(answers: AnswersConfig): Record<string, unknown> {
  return {
    request_id: answers.requestId,
    via: answers.via,
    circuit_breaker: answers.circuitBreaker,
    degraded: answers.degraded,
    server_timing: answers.serverTiming,
    cache_status: answers.cacheStatus,
  };
}

function tracingKeys(tracing: TracingConfig): Record<string, unknown> {
  const { intervalMs, batch, queue, timeoutMs } = tracing.export;
  return {
    endpoint: maskQuery(maskUrl(tracing.endpoint)),
    headers: Object.fromEntries(Object.keys(tracing.headers).map((name) => [name, MASK])),
    sample: `${tracing.sample}%`,
    trust_parent: tracing.trustParent,
    service_name: tracing.serviceName,
    export: { interval: formatDuration(intervalMs), batch, queue, timeout: formatDuration(timeoutMs) },
  };
}

function logKeys({ level, format, access }: LogConfig): Record<string, unknown> {
  return {
    level,
    format,
    access: access !== null && {
      sample: formatPercent(access.sample),
      slow: formatDuration(access.slowMs),
      ...present('file', access.file),
      query: access.query,
      redact: access.redact,
      request_headers: access.requestHeaders,
      client_address: access.clientAddress,
    },
  };
}

function cacheKeys({ maxBytes, maxEntryBytes, redis }: CacheConfig): Record<string, unknown> {
  return {
    max_size: formatSize(maxBytes),
    max_entry_size: formatSize(maxEntryBytes),
    ...present(
      'redis',
      redis && {
        url: maskUrl(redis.url),
        command_timeout: formatDuration(redis.commandTimeoutMs),
        prefix: redis.prefix,
        failure_threshold: redis.failureThreshold,
        open_timeout: formatDuration(redis.openTimeoutMs),
      },
    ),
  };
}
