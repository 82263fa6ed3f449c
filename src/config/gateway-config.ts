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

export interface AdminConfig {
  readonly listen: Address;
  /** Bearer token; null only on a loopback address. */
  readonly token: string | null;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LogConfig {
  readonly level: LogLevel;
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

/** `observe` refuses nothing and says what it would have refused; `disabled` counts nothing. */
export type BreakerMode = 'enforce' | 'observe' | 'disabled';

/** Every rule that is not null holds beside the others. Rates are percent, to two decimals. */
export interface BreakerConfig {
  /** In logs, metrics and the admin API. */
  readonly name: string;
  /** Failures in a row; with a window, failures within it. */
  readonly failureThreshold: number | null;
  /** Failures in a row, whatever the window. */
  readonly consecutiveFailures: number | null;
  /** Of at least `minRequests` calls in the window. */
  readonly failureRate: number | null;
  /** The share of the window's calls that took longer than this until their response head. */
  readonly slowCall: { readonly durationMs: number; readonly rate: number } | null;
  /** Never null where a rate is given. */
  readonly window: WindowConfig | null;
  /** Null: not given. Then rates need 20 calls, or a full count window that holds fewer; failures are not gated. */
  readonly minRequests: number | null;
  /** Statuses of answers that are failures. */
  readonly failureStatuses: readonly StatusRange[];
  /** Statuses of answers that count nowhere. */
  readonly excludedStatuses: readonly StatusRange[];
  /** Kinds of broken exchanges that are failures; the others count nowhere. */
  readonly failureErrors: readonly FailureKind[];
  /** Codes of `grpc-status` that are failures (0 to 16). */
  readonly failureGrpcStatuses: readonly number[];
  readonly successThreshold: number;
  readonly halfOpenRequests: number;
  readonly halfOpenTimeoutMs: number;
  /** Ends with the response head. */
  readonly requestTimeoutMs: number;
  /** How long it stays open, the first time. */
  readonly openTimeoutMs: number;
  /** Each opening is longer than the last by `factor`, up to `maxMs`. Null: always the same time. */
  readonly openTimeoutGrowth: { readonly factor: number; readonly maxMs: number } | null;
  /** Percent: up to so much of an open time is taken off at random. */
  readonly openTimeoutJitter: number;
  readonly mode: BreakerMode;
}

/**
 * `connect`: no connection. `timeout`: no connection, no response head or no more of the body in time. `reset`: the
 * connection broke, before the head or in the body. `protocol`: what came is not valid HTTP.
 */
export type FailureKind = 'connect' | 'timeout' | 'reset' | 'protocol';

/** Both ends belong to it. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** The calls of the last `durationMs`, ageing in `buckets` steps, or the last `size` calls. */
export type WindowConfig =
  | { readonly type: 'time'; readonly durationMs: number; readonly buckets: number }
  | { readonly type: 'count'; readonly size: number };

export interface RouteConfig {
  /** Segments are literal, `:name`, or a last `*`; canonical percent-encoding. */
  readonly path: string;
  /** Lower case; exact, or `*.example.com`. Null: every host. */
  readonly host: string | null;
  /** Null: every method. */
  readonly methods: readonly string[] | null;
  readonly upstream: string;
  /** Bounds the whole exchange, body included, but not an open tunnel. */
  readonly timeoutMs: number;
  readonly stripPrefix: string | null;
  readonly rewrite: string | null;
  /** Null: exactly one attempt per request. */
  readonly retry: RetryConfig | null;
  /** In the order in which they are tried; `mock` steps are here only in the profile `development`. */
  readonly fallback: readonly FallbackStepConfig[];
  /** How many `mock` steps the file has that are not in `fallback`, for whoever explains it. Absent: none. */
  readonly idleMocks?: number | undefined;
  /** Null: nothing is answered from the cache. A `stale` fallback stores answers all the same. */
  readonly cache: RouteCacheConfig | null;
  /** Names of pools: for the safe methods (RFC 9110 §9.2.1), and for all others. Null: no pool. */
  readonly bulkhead: { readonly read: string | null; readonly write: string | null };
  /** Upgrades to WebSocket are passed on. */
  readonly webSocket: boolean;
  /** How long a tunnel may be silent in both directions. */
  readonly tunnelIdleTimeoutMs: number;
  /** Line of the file where the route stands. */
  readonly line: number;
}

/** What an attempt can fail with that makes another one worth while. */
export type RetryCondition = FailureKind | 'status';

export interface RetryConfig {
  /** In all, the first included. */
  readonly attempts: number;
  readonly backoff: {
    readonly initialMs: number;
    readonly factor: number;
    readonly maxMs: number;
    readonly jitter: 'none' | 'full' | 'equal' | 'decorrelated';
  };
  /** Percent of the upstream's live requests that may be retries; null: unlimited. */
  readonly budget: number | null;
  /** Methods whose requests may be sent again after they may have been carried out. */
  readonly methods: readonly string[];
  /** A failed `connect` is tried again whatever the method: nothing was sent. */
  readonly on: readonly RetryCondition[];
  readonly statuses: readonly StatusRange[];
  /** Largest request body, in bytes, that is kept to be sent again. */
  readonly maxBodyBytes: number;
  /** An upstream's `Retry-After` that is longer is not waited for. */
  readonly maxRetryAfterMs: number;
}

/** What the routes' own answer can have failed with. `open`: the breaker refused. `full`: the bulkhead refused. */
export type FallbackCondition = FailureKind | 'status' | 'open' | 'full';

interface FallbackStepCommon {
  /**
   * Null, in a step to another upstream: the idempotent methods (RFC 9110 §9.2.2), and every method after `connect`,
   * `open` and `full`, when nothing was sent.
   */
  readonly methods: readonly string[] | null;
  readonly on: readonly FallbackCondition[];
}

export type FallbackStepConfig =
  | (FallbackStepCommon & { readonly type: 'upstream'; readonly upstream: string })
  | (FallbackStepCommon & {
      readonly type: 'stale';
      /** Age (RFC 9111 §4.2.3) up to which a stored answer may stand in. */
      readonly maxAgeMs: number;
    })
  | (FallbackStepCommon & { readonly type: 'static' | 'mock'; readonly answer: FixedAnswerConfig });

export interface FixedAnswerConfig {
  readonly status: number;
  /** Name, value, name, value, …; Content-Type is among them. */
  readonly headers: readonly string[];
  readonly body: string;
}

export interface RouteCacheConfig {
  /** How long an answer is fresh that does not say so itself; null: by the heuristics of RFC 9111 §4.2.2. */
  readonly ttlMs: number | null;
}
