import type {
  BreakerConfig,
  GatewayConfig,
  RouteConfig,
  ServerConfig,
  UpstreamConfig,
  WindowConfig,
} from './gateway-config.ts';
import { formatAddress } from './schema/address.ts';
import { formatDuration, formatPercent, formatSize } from './schema/quantities.ts';
import { formatStatusRange } from './schema/status-ranges.ts';

const MASK = '********';

/** The configuration in force in the file's own keys, ready for JSON, without anything that opens a door. */
export function maskConfig(config: GatewayConfig): Readonly<Record<string, unknown>> {
  return {
    server: serverKeys(config.server),
    admin:
      config.admin === null
        ? null
        : {
            listen: formatAddress(config.admin.listen),
            token: config.admin.token === null ? null : MASK,
          },
    log: { level: config.log.level },
    upstreams: Object.fromEntries(
      [...config.upstreams].map(([name, upstream]) => [name, upstreamKeys(upstream)]),
    ),
    routes: config.routes.map(routeKeys),
  };
}

function serverKeys(server: ServerConfig): Record<string, unknown> {
  return {
    listen: formatAddress(server.listen),
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

function upstreamKeys(upstream: UpstreamConfig): Record<string, unknown> {
  return {
    targets: upstream.targets.map(({ url, weight }) => ({ url: withoutUserinfo(url), weight })),
    connect_timeout: formatDuration(upstream.connectTimeoutMs),
    response_timeout: formatDuration(upstream.responseTimeoutMs),
    idle_body_timeout: formatDuration(upstream.idleBodyTimeoutMs),
    max_connections: upstream.maxConnections,
    keep_alive: formatDuration(upstream.keepAliveMs),
    allow_h2: upstream.allowH2,
    preserve_host: upstream.preserveHost,
    circuit_breaker: breakerKeys(upstream.circuitBreaker),
  };
}

function breakerKeys(breaker: BreakerConfig): Record<string, unknown> {
  const { slowCall, window } = breaker;
  return {
    name: breaker.name,
    ...present('failure_threshold', breaker.failureThreshold),
    ...present('consecutive_failures', breaker.consecutiveFailures),
    ...present('failure_rate', breaker.failureRate && formatPercent(breaker.failureRate)),
    ...present(
      'slow_call',
      slowCall && { duration: formatDuration(slowCall.durationMs), rate: formatPercent(slowCall.rate) },
    ),
    ...present('window', window && windowKeys(window)),
    ...present('min_requests', breaker.minRequests),
    failure_statuses: breaker.failureStatuses.map(formatStatusRange),
    success_threshold: breaker.successThreshold,
    half_open_requests: breaker.halfOpenRequests,
    half_open_timeout: formatDuration(breaker.halfOpenTimeoutMs),
    request_timeout: formatDuration(breaker.requestTimeoutMs),
    open_timeout: openTimeoutKeys(breaker),
    mode: breaker.mode,
  };
}

function windowKeys(window: WindowConfig): Record<string, unknown> {
  return window.type === 'count'
    ? { count: window.size }
    : { duration: formatDuration(window.durationMs), buckets: window.buckets };
}

function openTimeoutKeys({ openTimeoutMs, openTimeoutGrowth, openTimeoutJitter }: BreakerConfig): unknown {
  const initial = formatDuration(openTimeoutMs);
  if (openTimeoutGrowth === null && openTimeoutJitter === 0) return initial;
  const growth = openTimeoutGrowth && {
    factor: openTimeoutGrowth.factor,
    max: formatDuration(openTimeoutGrowth.maxMs),
  };
  return { initial, ...growth, jitter: formatPercent(openTimeoutJitter) };
}

/** Absent keys stay absent: null is not a value that the file could have for them. */
function present(key: string, value: unknown): Record<string, unknown> {
  return value === null ? {} : { [key]: value };
}

function routeKeys(route: RouteConfig): Record<string, unknown> {
  return {
    path: route.path,
    ...present('host', route.host),
    ...present('methods', route.methods),
    upstream: route.upstream,
    timeout: formatDuration(route.timeoutMs),
    ...present('strip_prefix', route.stripPrefix),
    ...present('rewrite', route.rewrite),
  };
}

/** The loader refuses passwords in URLs; a configuration made by other means might hold one. */
function withoutUserinfo(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/i, `$1${MASK}@`);
}
