import type { RouteConfig } from '../../src/config/gateway-config.ts';

/** A route with what a test cares about, and defaults for the rest. */
export function routeConfig(path: string, overrides: Partial<RouteConfig> = {}): RouteConfig {
  return {
    path,
    host: null,
    methods: null,
    upstream: 'api',
    timeoutMs: 60_000,
    stripPrefix: null,
    rewrite: null,
    retry: null,
    fallback: [],
    cache: null,
    bulkhead: { read: null, write: null },
    webSocket: true,
    tunnelIdleTimeoutMs: 600_000,
    line: 1,
    ...overrides,
  };
}
