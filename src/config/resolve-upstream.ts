import type { Profiles } from './built-in-profiles.ts';
import type {
  BalanceConfig,
  BulkheadConfig,
  DnsConfig,
  EjectionConfig,
  HealthCheckConfig,
  TargetConfig,
  UpstreamConfig,
} from './gateway-config.ts';
import { resolveBreaker } from './resolve-breaker.ts';
import { BULKHEAD_DEFAULTS } from './schema/bulkhead-schema.ts';
import { EJECTION_TIMES, ejectionFieldsSchema } from './schema/ejection-schema.ts';
import type { GatewayFile } from './schema/gateway-schema.ts';
import { DEFAULT_EXPECTED_STATUSES } from './schema/health-check-schema.ts';

type UpstreamFile = GatewayFile['upstreams'][string];
type BulkheadFile = NonNullable<GatewayFile['bulkheads']>[string];

/** What `response_timeout` is where nobody gives it, unless the breaker waits longer: a default must not cut what is given. */
const DEFAULT_RESPONSE_TIMEOUT_MS = 30_000;

export function resolveUpstream(name: string, upstream: UpstreamFile, profiles: Profiles): UpstreamConfig {
  const circuitBreaker = resolveBreaker(name, upstream.circuit_breaker, profiles);
  return {
    name,
    targets: upstream.targets.map(targetConfig),
    balance: balanceConfig(upstream.balance),
    slowStartMs: upstream.slow_start,
    ejection: ejectionConfig(upstream),
    dns: dnsConfig(upstream.dns),
    healthCheck: healthCheckConfig(upstream.health_check),
    bulkhead:
      typeof upstream.bulkhead === 'object'
        ? resolveBulkhead(name, upstream.bulkhead)
        : (upstream.bulkhead ?? null),
    connectTimeoutMs: upstream.connect_timeout,
    responseTimeoutMs:
      upstream.response_timeout ?? Math.max(DEFAULT_RESPONSE_TIMEOUT_MS, circuitBreaker.requestTimeoutMs),
    idleBodyTimeoutMs: upstream.idle_body_timeout,
    maxConnections: upstream.max_connections,
    keepAliveMs: upstream.keep_alive,
    allowH2: upstream.allow_h2,
    preserveHost: upstream.preserve_host,
    circuitBreaker,
  };
}

export function resolveBulkhead(name: string, bulkhead: BulkheadFile): BulkheadConfig {
  return {
    name,
    maxConcurrent: bulkhead.max_concurrent,
    queue: bulkhead.queue ?? BULKHEAD_DEFAULTS.queue,
    queueTimeoutMs: bulkhead.queue_timeout ?? BULKHEAD_DEFAULTS.queueTimeoutMs,
  };
}

function targetConfig(target: UpstreamFile['targets'][number]): TargetConfig {
  return 'weight' in target ? { ...target.url, weight: target.weight } : { ...target, weight: 1 };
}

function balanceConfig(given: UpstreamFile['balance']): BalanceConfig {
  if (typeof given === 'string') return { type: given };
  const { hash } = given;
  if (hash === 'ip') return { type: 'hash', by: 'ip', name: '' };
  return hash.header === undefined
    ? { type: 'hash', by: 'cookie', name: hash.cookie! }
    : { type: 'hash', by: 'header', name: hash.header };
}

/** Where there is but one target, there is nothing to eject it from. */
function ejectionConfig({ ejection, targets, dns }: UpstreamFile): EjectionConfig | null {
  const given = ejection ?? (targets.length > 1 || dns !== undefined);
  if (given === false) return null;
  const fields = given === true ? ejectionFieldsSchema.parse({}) : given;
  return {
    consecutiveFailures: fields.consecutive_failures,
    baseTimeMs: fields.base_time ?? EJECTION_TIMES.baseMs,
    maxTimeMs: fields.max_time ?? EJECTION_TIMES.maxMs,
    maxEjected: fields.max_ejected,
  };
}

function dnsConfig(dns: UpstreamFile['dns']): DnsConfig | null {
  if (dns === undefined) return null;
  return { refreshMs: dns.refresh, records: dns.records, servers: dns.servers ?? [] };
}

function healthCheckConfig(check: UpstreamFile['health_check']): HealthCheckConfig | null {
  if (check === undefined) return null;
  const statuses = check.expect?.status ?? DEFAULT_EXPECTED_STATUSES;
  return {
    path: check.path,
    method: check.method,
    intervalMs: check.interval,
    unhealthyIntervalMs: check.unhealthy_interval ?? Math.ceil(check.interval / 3),
    timeoutMs: check.timeout,
    jitter: check.jitter,
    rise: check.rise,
    fall: check.fall,
    expectStatuses: 'from' in statuses ? [statuses] : statuses,
    expectBody: check.expect?.body ?? null,
  };
}
