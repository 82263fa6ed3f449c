/**
 * The configuration after reading: defaults filled in, references checked, deeply frozen. Durations are
 * milliseconds, sizes bytes. What each value means, its bounds and its default stand in schema/.
 */
export interface GatewayConfig {
  readonly server: ServerConfig;
  /** Null when the admin API is off. */
  readonly admin: AdminConfig | null;
  readonly log: LogConfig;
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

export interface UpstreamConfig {
  readonly name: string;
  readonly targets: readonly TargetConfig[];
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

export interface TargetConfig {
  /** Normalised origin, `http://host:port`; the port is left out where it is the scheme's own. */
  readonly url: string;
  readonly protocol: 'http:' | 'https:';
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly weight: number;
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
  /** Line of the file where the route stands. */
  readonly line: number;
}
