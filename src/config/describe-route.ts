import type {
  BalanceConfig,
  FallbackStepConfig,
  GatewayConfig,
  RouteConfig,
  UpstreamConfig,
} from './gateway-config.ts';
import { formatDuration, formatPercent } from './schema/quantities.ts';

/**
 * What a route's requests pass through, in the order in which they do:
 * `fallback(stale 5m, static 200) → cache(60s) → retry(3, 20%) → bulkhead(read, course) → breaker(course-http) →
 * timeout(10s) → least_requests over 2 targets`. What is not configured is left out.
 */
export function describeRoute(route: RouteConfig, config: GatewayConfig): string {
  const upstream = config.upstreams.get(route.upstream)!;
  return [
    stage('fallback', route.fallback.map(stepText)),
    route.cache && (route.cache.ttlMs === null ? 'cache' : `cache(${formatDuration(route.cache.ttlMs)})`),
    route.retry && stage('retry', [String(route.retry.attempts), budgetText(route.retry.budget)]),
    stage('bulkhead', [...routePools(route), ...upstreamPool(upstream)]),
    breakerText(upstream),
    stage('timeout', [formatDuration(Math.min(route.timeoutMs, headTimeout(upstream)))]),
    targetsText(upstream),
  ]
    .filter((text) => text !== null)
    .join(' → ');
}

function stage(name: string, details: readonly string[]): string | null {
  return details.length === 0 ? null : `${name}(${details.join(', ')})`;
}

function stepText(step: FallbackStepConfig): string {
  if (step.type === 'upstream') return `upstream ${step.upstream}`;
  if (step.type === 'stale') return `stale ${formatDuration(step.maxAgeMs)}`;
  return `${step.type} ${step.answer.status}`;
}

function budgetText(budget: number | null): string {
  return budget === null ? 'unlimited' : formatPercent(budget);
}

function routePools({ bulkhead: { read, write } }: RouteConfig): string[] {
  if (read === write) return read === null ? [] : [read];
  return [...(read === null ? [] : [`read: ${read}`]), ...(write === null ? [] : [`write: ${write}`])];
}

function upstreamPool({ bulkhead }: UpstreamConfig): string[] {
  if (bulkhead === null) return [];
  return [typeof bulkhead === 'string' ? bulkhead : bulkhead.name];
}

function breakerText({ circuitBreaker: { name, mode } }: UpstreamConfig): string | null {
  if (mode === 'disabled') return null;
  return mode === 'observe' ? `breaker(${name}, observe)` : `breaker(${name})`;
}

/** Whichever is shorter ends the wait for a response head. */
function headTimeout({ circuitBreaker, responseTimeoutMs }: UpstreamConfig): number {
  return Math.min(circuitBreaker.requestTimeoutMs, responseTimeoutMs);
}

function targetsText({ balance, targets, dns }: UpstreamConfig): string {
  const count = targets.length === 1 ? '1 target' : `${targets.length} targets`;
  return `${balanceText(balance)} over ${dns === null ? count : `the addresses of ${count}`}`;
}

function balanceText(balance: BalanceConfig): string {
  if (balance.type !== 'hash') return balance.type;
  return balance.by === 'ip' ? 'hash(ip)' : `hash(${balance.by} ${balance.name})`;
}
