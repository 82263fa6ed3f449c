import { breakerKeys } from './breaker-keys.ts';
import type {
  BalanceConfig,
  BulkheadConfig,
  EjectionConfig,
  HealthCheckConfig,
  UpstreamConfig,
} from './gateway-config.ts';
import { maskUrl } from './mask-url.ts';
import { present } from './present.ts';
import { formatDuration, formatPercent } from './schema/quantities.ts';
import { formatStatusRange } from './schema/status-ranges.ts';

/** An upstream in the file's own keys. The loader refuses passwords in URLs; one from elsewhere might hold one. */
export function upstreamKeys(upstream: UpstreamConfig): Record<string, unknown> {
  const { dns, bulkhead, healthCheck } = upstream;
  return {
    targets: upstream.targets.map(({ url, weight }) => ({ url: maskUrl(url), weight })),
    balance: balanceKeys(upstream.balance),
    slow_start: formatDuration(upstream.slowStartMs),
    ejection: upstream.ejection !== null && ejectionKeys(upstream.ejection),
    ...present('health_check', healthCheck && healthCheckKeys(healthCheck)),
    ...present(
      'dns',
      dns && { refresh: formatDuration(dns.refreshMs), records: dns.records, servers: dns.servers },
    ),
    ...present('bulkhead', typeof bulkhead === 'string' ? bulkhead : bulkhead && bulkheadKeys(bulkhead)),
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

export function bulkheadKeys(bulkhead: BulkheadConfig): Record<string, unknown> {
  return {
    max_concurrent: bulkhead.maxConcurrent,
    queue: bulkhead.queue,
    queue_timeout: formatDuration(bulkhead.queueTimeoutMs),
  };
}

function balanceKeys(balance: BalanceConfig): unknown {
  if (balance.type !== 'hash') return balance.type;
  return { hash: balance.by === 'ip' ? 'ip' : { [balance.by]: balance.name } };
}

function ejectionKeys(ejection: EjectionConfig): Record<string, unknown> {
  return {
    consecutive_failures: ejection.consecutiveFailures,
    base_time: formatDuration(ejection.baseTimeMs),
    max_time: formatDuration(ejection.maxTimeMs),
    max_ejected: formatPercent(ejection.maxEjected),
  };
}

function healthCheckKeys(check: HealthCheckConfig): Record<string, unknown> {
  return {
    path: check.path,
    method: check.method,
    interval: formatDuration(check.intervalMs),
    unhealthy_interval: formatDuration(check.unhealthyIntervalMs),
    timeout: formatDuration(check.timeoutMs),
    jitter: formatPercent(check.jitter),
    rise: check.rise,
    fall: check.fall,
    expect: { status: check.expectStatuses.map(formatStatusRange), ...present('body', check.expectBody) },
  };
}
