import type { AccessLogConfig } from './access-log-config.ts';
import type { BreakerConfig, StatusRange } from './breaker-config.ts';
import type { RouteConfig } from './route-config.ts';

export type { AccessLogConfig } from './access-log-config.ts';
export type { BreakerConfig, BreakerMode, FailureKind, StatusRange, WindowConfig } from './breaker-config.ts';
export type {
  FallbackCondition,
  FallbackStepConfig,
  FixedAnswerConfig,
  RetryCondition,
  RetryConfig,
  RouteCacheConfig,
  RouteConfig,
} from './route-config.ts';

/**
 * The configuration after reading: defaults filled in, references checked, deeply frozen. Durations are
 * milliseconds, sizes bytes. What each value means, its bounds and its default stand in schema/.
 */
export interface GatewayConfig {
  /** The named profile in effect: of breakers that name none, and `development` allows `mock` fallbacks. Null: none. */
  readonly profile: string | null;
  readonly server: ServerConfig;
  /** What the gateway adds to the answers it passes on. */
  readonly answers: AnswersConfig;
  /** Null when the admin API is off. */
  readonly admin: AdminConfig | null;
  readonly log: LogConfig;
  /** Null: nothing is traced. */
  readonly tracing: TracingConfig | null;
  /** The store that all routes' caches share. */
  readonly cache: CacheConfig;
  /** Named pools that routes and upstreams share, by name. */
  readonly bulkheads: ReadonlyMap<string, BulkheadConfig>;
  readonly upstreams: ReadonlyMap<string, UpstreamConfig>;
  /** In the order of the file; which one wins is decided by how specific it is, not by this order. */
  readonly routes: readonly RouteConfig[];
}

/** Where to listen. `host` is an IP address without brackets or a host name; port 0 lets the system choose. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ServerConfig {
  readonly listen: Address;
  /** Plain requests take the fast lane; what it leaves alone takes the full lane all the same. */
  readonly fastLane: boolean;
  /** Threads that take traffic; `auto`: one for each core that this process may use. */
  readonly workers: WorkerCount;
  /** Time for a whole request head to arrive. */
  readonly headerTimeoutMs: number;
  /** Longest silence while a request body is owed. */
  readonly bodyTimeoutMs: number;
  /** How long a connection may rest between two requests. */
  readonly idleTimeoutMs: number;
  /** How long a client may leave its answer unread. */
  readonly sendTimeoutMs: number;
  /** How long running requests may take to finish after SIGTERM. */
  readonly shutdownTimeoutMs: number;
  readonly maxHeaderBytes: number;
  readonly maxHeaderCount: number;
  readonly maxTargetBytes: number;
  /** Null: unlimited. */
  readonly maxBodyBytes: number | null;
  /** Null: unlimited. */
  readonly maxConnections: number | null;
  /** IP addresses and CIDR ranges whose forwarding headers are believed. */
  readonly trustedProxies: readonly string[];
  /** The gateway's pseudonym in `Via` (RFC 9110 §7.6.3). Null: drawn at the start. */
  readonly via: string | null;
}

/** 1 and more. */
export type WorkerCount = number | 'auto';

export interface AdminConfig {
  readonly listen: Address;
  /** Bearer token; null only on a loopback address. */
  readonly token: string | null;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** `pretty` is for people, with pino-pretty. */
export type LogFormat = 'json' | 'logfmt' | 'pretty';

export interface LogConfig {
  /** Of the gateway's own lines. */
  readonly level: LogLevel;
  /** Of all lines. */
  readonly format: LogFormat;
  /** Null when there is no access log. */
  readonly access: AccessLogConfig | null;
}

export interface TracingConfig {
  /** Where spans are posted, by OTLP over HTTP as JSON; its query may hold a secret. */
  readonly endpoint: string;
  /** Fields of each such request; their values may be secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** Percent of the requests that are traced, of those whose decision is ours. */
  readonly sample: number;
  /** Whether every client's own decision is followed; false: only that of peers in `server.trusted_proxies`. */
  readonly trustParent: boolean;
  readonly serviceName: string;
  readonly export: TraceExportConfig;
}

/** In each thread that takes traffic. */
export interface TraceExportConfig {
  /** How long a span may wait for others to be sent with. */
  readonly intervalMs: number;
  /** Spans in one request. */
  readonly batch: number;
  /** Spans that may wait; further ones are dropped. */
  readonly queue: number;
  /** For one batch, further tries included; then it is dropped. */
  readonly timeoutMs: number;
}

/** Every part can be switched off. */
export interface AnswersConfig {
  /** `X-Request-Id`: the client's if it is a plain word, else one of ours. */
  readonly requestId: boolean;
  readonly via: boolean;
  /** `X-Circuit-Breaker-<Service>`: the state of the breaker of each upstream that was asked. */
  readonly circuitBreaker: boolean;
  /** `X-System-Degraded`: true while a breaker is not closed, and on answers of a fallback. */
  readonly degraded: boolean;
  /** `Server-Timing: upstream;dur=…`. */
  readonly serverTiming: boolean;
  /** `Cache-Status` (RFC 9211) on routes with a cache. */
  readonly cacheStatus: boolean;
}

export interface CacheConfig {
  /** Bytes of all stored answers in memory. */
  readonly maxBytes: number;
  /** Bytes of one answer's body; a larger one is not stored. */
  readonly maxEntryBytes: number;
  /** Null: the store is this process's memory. */
  readonly redis: RedisConfig | null;
}

export interface RedisConfig {
  /** `redis://` or `rediss://`; may hold a password. */
  readonly url: string;
  /** Of one command, after which the request goes on without the cache. */
  readonly commandTimeoutMs: number;
  /** Before every key. */
  readonly prefix: string;
  /** Failures in a row after which Redis is left alone. */
  readonly failureThreshold: number;
  /** For how long it is left alone. */
  readonly openTimeoutMs: number;
}

export interface BulkheadConfig {
  /** The pool's name, or the upstream's. */
  readonly name: string;
  readonly maxConcurrent: number;
  /** Requests that may wait for a slot. */
  readonly queue: number;
  readonly queueTimeoutMs: number;
}

export interface UpstreamConfig {
  readonly name: string;
  /** As written; `dns` may make several of one. */
  readonly targets: readonly TargetConfig[];
  readonly balance: BalanceConfig;
  /** How long a target that joins, or comes back, takes to get its whole share; 0: it gets it at once. */
  readonly slowStartMs: number;
  /** Null: no target is taken out of rotation for its failures. */
  readonly ejection: EjectionConfig | null;
  /** Null: names are looked up by the system at every connection. */
  readonly dns: DnsConfig | null;
  readonly healthCheck: HealthCheckConfig | null;
  /** The name of a pool in `bulkheads`, or one of its own; null: no limit. */
  readonly bulkhead: string | BulkheadConfig | null;
  readonly connectTimeoutMs: number;
  /** Longest wait for a response head. */
  readonly responseTimeoutMs: number;
  /** Longest silence in a response body. */
  readonly idleBodyTimeoutMs: number;
  /** Connections per target. */
  readonly maxConnections: number;
  /** How long an idle upstream connection is kept. */
  readonly keepAliveMs: number;
  /** HTTP/2 may be negotiated; TLS targets only. */
  readonly allowH2: boolean;
  /** True: the client's Host is sent on. False: the target's authority. */
  readonly preserveHost: boolean;
  readonly circuitBreaker: BreakerConfig;
}

export type BalanceConfig =
  | { readonly type: 'round_robin' | 'least_requests' | 'latency' }
  | {
      readonly type: 'hash';
      readonly by: 'header' | 'cookie' | 'ip';
      /** Of the header field (lower case) or cookie; empty for `ip`. */
      readonly name: string;
    };

/** Passive health of each target: what live requests show. */
export interface EjectionConfig {
  readonly consecutiveFailures: number;
  /** How long the first ejection lasts; the nth n times as long, with up to a tenth added at random. */
  readonly baseTimeMs: number;
  readonly maxTimeMs: number;
  /** Percent of the targets that may be ejected at a time; never the last one. */
  readonly maxEjected: number;
}

export interface DnsConfig {
  readonly refreshMs: number;
  /** `srv`: the host names a service, the ports and weights come from its records. */
  readonly records: 'a' | 'aaaa' | 'any' | 'srv';
  /** `address` or `address:port`; empty: those of the system. */
  readonly servers: readonly string[];
}

/** Active health of each target: what probes of the gateway's own show. */
export interface HealthCheckConfig {
  /** Path and query of the probe. */
  readonly path: string;
  readonly method: 'GET' | 'HEAD';
  readonly intervalMs: number;
  /** Between probes of a target that is not healthy. */
  readonly unhealthyIntervalMs: number;
  readonly timeoutMs: number;
  /** Percent by which an interval varies at random. */
  readonly jitter: number;
  /** Good probes in a row that make a target healthy. */
  readonly rise: number;
  /** Bad probes in a row that make it unhealthy. */
  readonly fall: number;
  readonly expectStatuses: readonly StatusRange[];
  /** Text that the body must contain, within its first 64 KiB. */
  readonly expectBody: string | null;
}

export interface TargetConfig {
  /** Normalised origin, `http://host:port`; the port is left out where it is the scheme's own. */
  readonly url: string;
  readonly protocol: 'http:' | 'https:';
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly weight: number;
  /** The IP address to connect to in place of `hostname`, which stays the name for TLS and Host. */
  readonly address?: string | undefined;
}
