import type {
  AdminConfig,
  GatewayConfig,
  RouteConfig,
  ServerConfig,
  TargetConfig,
  UpstreamConfig,
} from './gateway-config.ts';
import { resolveBreaker } from './resolve-breaker.ts';
import type { GatewayFile } from './schema/gateway-schema.ts';

type UpstreamFile = GatewayFile['upstreams'][string];
type Profiles = NonNullable<GatewayFile['circuit_breakers']>;

/**
 * From the file's keys to the names the code uses.
 * @param routeLines line of each route, in their order
 */
export function resolveConfig(file: GatewayFile, routeLines: readonly number[]): GatewayConfig {
  const profiles = file.circuit_breakers ?? {};
  const upstreams = Object.entries(file.upstreams).map(
    ([name, upstream]) => [name, upstreamConfig(name, upstream, profiles)] as const,
  );
  return {
    profile: null,
    server: serverConfig(file.server),
    answers: {
      requestId: true,
      via: true,
      circuitBreaker: true,
      degraded: true,
      serverTiming: true,
      cacheStatus: true,
    },
    cache: { maxBytes: 64 * 1024 * 1024, maxEntryBytes: 1024 * 1024, redis: null },
    bulkheads: new Map(),
    admin: adminConfig(file.admin),
    log: { level: file.log.level },
    upstreams: new Map(upstreams),
    routes: file.routes.map((route, index) => routeConfig(route, routeLines[index]!)),
  };
}

function serverConfig(server: GatewayFile['server']): ServerConfig {
  return {
    listen: server.listen,
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

function upstreamConfig(name: string, upstream: UpstreamFile, profiles: Profiles): UpstreamConfig {
  return {
    name,
    targets: upstream.targets.map(targetConfig),
    balance: { type: 'round_robin' },
    slowStartMs: 0,
    ejection: null,
    dns: null,
    healthCheck: null,
    bulkhead: null,
    connectTimeoutMs: upstream.connect_timeout,
    responseTimeoutMs: upstream.response_timeout,
    idleBodyTimeoutMs: upstream.idle_body_timeout,
    maxConnections: upstream.max_connections,
    keepAliveMs: upstream.keep_alive,
    allowH2: upstream.allow_h2,
    preserveHost: upstream.preserve_host,
    circuitBreaker: resolveBreaker(name, upstream.circuit_breaker, profiles),
  };
}

function targetConfig(target: UpstreamFile['targets'][number]): TargetConfig {
  return 'weight' in target ? { ...target.url, weight: target.weight } : { ...target, weight: 1 };
}

function routeConfig(route: GatewayFile['routes'][number], line: number): RouteConfig {
  return {
    path: route.path,
    host: route.host ?? null,
    methods: route.methods === undefined ? null : [...new Set(route.methods)],
    upstream: route.upstream,
    timeoutMs: route.timeout,
    stripPrefix: route.strip_prefix ?? null,
    rewrite: route.rewrite ?? null,
    retry: null,
    fallback: [],
    cache: null,
    bulkhead: { read: null, write: null },
    webSocket: true,
    tunnelIdleTimeoutMs: 600_000,
    line,
  };
}
