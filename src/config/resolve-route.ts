import type { RetryConfig, RouteConfig } from './gateway-config.ts';
import { resolveFallback } from './resolve-fallback.ts';
import type { GatewayFile } from './schema/gateway-schema.ts';
import { backoffSchema, RETRY_DEFAULTS, retryFieldsSchema } from './schema/retry-schema.ts';

type RouteFile = GatewayFile['routes'][number];

/** @param line where the route stands in the file */
export function resolveRoute(route: RouteFile, line: number, profile: string | null): RouteConfig {
  const fallback = resolveFallback(route.fallback, profile);
  const mocks = (route.fallback ?? []).length - fallback.length;
  return {
    path: route.path,
    host: route.host ?? null,
    methods: route.methods === undefined ? null : [...new Set(route.methods)],
    upstream: route.upstream,
    timeoutMs: route.timeout,
    stripPrefix: route.strip_prefix ?? null,
    rewrite: route.rewrite ?? null,
    retry: retryConfig(route.retry),
    fallback,
    ...(mocks === 0 ? {} : { idleMocks: mocks }),
    cache: cacheConfig(route.cache),
    bulkhead: bulkheadConfig(route.bulkhead),
    webSocket: route.websocket,
    tunnelIdleTimeoutMs: route.tunnel_idle_timeout,
    line,
  };
}

function retryConfig(given: RouteFile['retry']): RetryConfig | null {
  if (given === undefined) return null;
  const retry = typeof given === 'number' ? retryFieldsSchema.parse({ attempts: given }) : given;
  const { initial, factor, max, jitter } = retry.backoff ?? backoffSchema.parse({});
  return {
    attempts: retry.attempts,
    backoff: {
      initialMs: initial ?? RETRY_DEFAULTS.initialMs,
      factor,
      maxMs: max ?? RETRY_DEFAULTS.maxMs,
      jitter,
    },
    budget: retry.budget,
    methods: [...new Set(retry.methods ?? RETRY_DEFAULTS.methods)],
    on: [...new Set(retry.on ?? RETRY_DEFAULTS.on)],
    statuses: retry.statuses ?? RETRY_DEFAULTS.statuses.map((range) => ({ ...range })),
    maxBodyBytes: retry.max_body,
    maxRetryAfterMs: retry.max_retry_after,
  };
}

function cacheConfig(given: RouteFile['cache']): RouteConfig['cache'] {
  if (given === undefined || given === false) return null;
  return { ttlMs: given === true ? null : (given.ttl ?? null) };
}

function bulkheadConfig(given: RouteFile['bulkhead']): RouteConfig['bulkhead'] {
  if (typeof given === 'string') return { read: given, write: given };
  return { read: given?.read ?? null, write: given?.write ?? null };
}
