import type {
  AdminConfig,
  BreakerConfig,
  GatewayConfig,
  RouteConfig,
  ServerConfig,
  TargetConfig,
  UpstreamConfig,
} from './gateway-config.ts';
import { breakerDefaultsSchema } from './schema/breaker-schema.ts';
import type { GatewayFile } from './schema/gateway-schema.ts';

type UpstreamFile = GatewayFile['upstreams'][string];
type Profiles = NonNullable<GatewayFile['circuit_breakers']>;

const BREAKER_DEFAULTS = breakerDefaultsSchema.parse({});

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
    server: serverConfig(file.server),
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
    via: server.via,
  };
}

function adminConfig(admin: GatewayFile['admin']): AdminConfig | null {
  return admin === undefined ? null : { listen: admin.listen, token: admin.token ?? null };
}

function upstreamConfig(name: string, upstream: UpstreamFile, profiles: Profiles): UpstreamConfig {
  return {
    name,
    targets: upstream.targets.map(targetConfig),
    connectTimeoutMs: upstream.connect_timeout,
    responseTimeoutMs: upstream.response_timeout,
    idleBodyTimeoutMs: upstream.idle_body_timeout,
    maxConnections: upstream.max_connections,
    keepAliveMs: upstream.keep_alive,
    allowH2: upstream.allow_h2,
    preserveHost: upstream.preserve_host,
    circuitBreaker: breakerConfig(name, upstream.circuit_breaker, profiles),
  };
}

function targetConfig(target: UpstreamFile['targets'][number]): TargetConfig {
  return 'weight' in target ? { ...target.url, weight: target.weight } : { ...target, weight: 1 };
}

/** A field is taken from the upstream, else from the profile it names, else it has the default. */
function breakerConfig(
  upstream: string,
  given: UpstreamFile['circuit_breaker'],
  profiles: Profiles,
): BreakerConfig {
  const { name, profile, ...own } = typeof given === 'string' ? { profile: given } : (given ?? {});
  const fields: Omit<typeof own, 'name' | 'profile'> & typeof BREAKER_DEFAULTS = {
    ...BREAKER_DEFAULTS,
    ...withoutAbsent(profile === undefined ? {} : profiles[profile]!),
    ...withoutAbsent(own),
  };
  return {
    name: name ?? upstream,
    failureThreshold: fields.failure_threshold,
    successThreshold: fields.success_threshold,
    halfOpenRequests: fields.half_open_requests,
    halfOpenTimeoutMs: fields.half_open_timeout ?? fields.request_timeout,
    requestTimeoutMs: fields.request_timeout,
    openTimeoutMs: fields.open_timeout,
    mode: fields.mode,
  };
}

type Present<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };

function withoutAbsent<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Present<Fields>;
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
    line,
  };
}
