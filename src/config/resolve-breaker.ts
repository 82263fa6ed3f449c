import type { BreakerProfile as Fields, Profiles } from './built-in-profiles.ts';
import type { BreakerConfig, WindowConfig } from './gateway-config.ts';
import { DEFAULT_BUCKETS } from './schema/breaker-rules-schema.ts';
import { breakerDefaultsSchema, DEFAULT_FAILURE_THRESHOLD } from './schema/breaker-schema.ts';
import { FAILURE_KINDS } from './schema/failure-kinds-schema.ts';
import { DEFAULT_FAILURE_STATUSES } from './schema/failure-statuses-schema.ts';
import type { GatewayFile } from './schema/gateway-schema.ts';
import { DEFAULT_FAILURE_GRPC_STATUSES } from './schema/grpc-statuses-schema.ts';

type BreakerFile = GatewayFile['upstreams'][string]['circuit_breaker'];

const DEFAULTS = breakerDefaultsSchema.parse({});

/** What a growing open time is bounded by unless told otherwise: the most that the breaker takes is 7 days. */
const DEFAULT_GROWTH = 10;
const LONGEST_OPEN_MS = 7 * 24 * 3_600_000;

/** A field is taken from the upstream, else from the profile it names or that is in effect, else it has the default. */
export function resolveBreaker(upstream: string, given: BreakerFile, profiles: Profiles): BreakerConfig {
  const {
    name,
    profile = profiles.active,
    ...own
  } = typeof given === 'string' ? { profile: given } : (given ?? {});
  const fields: Omit<Fields, keyof typeof DEFAULTS> & typeof DEFAULTS = {
    ...DEFAULTS,
    ...withoutAbsent(profile === null ? {} : profiles.byName[profile]!),
    ...withoutAbsent(own),
  };
  const { slow_call: slow } = fields;
  const otherRule = fields.consecutive_failures ?? fields.failure_rate ?? slow;
  return {
    name: name ?? upstream,
    failureThreshold:
      fields.failure_threshold ?? (otherRule === undefined ? DEFAULT_FAILURE_THRESHOLD : null),
    consecutiveFailures: fields.consecutive_failures ?? null,
    failureRate: fields.failure_rate ?? null,
    slowCall: slow === undefined ? null : { durationMs: slow.duration, rate: slow.rate },
    window: fields.window === undefined ? null : windowConfig(fields.window),
    minRequests: fields.min_requests ?? null,
    failureStatuses: fields.failure_statuses ?? DEFAULT_FAILURE_STATUSES,
    excludedStatuses: fields.excluded_statuses ?? [],
    failureErrors: [...new Set(fields.failure_errors ?? FAILURE_KINDS)],
    failureGrpcStatuses: [...new Set(fields.failure_grpc_statuses ?? DEFAULT_FAILURE_GRPC_STATUSES)],
    successThreshold: fields.success_threshold,
    halfOpenRequests: fields.half_open_requests,
    halfOpenTimeoutMs: fields.half_open_timeout ?? fields.request_timeout,
    requestTimeoutMs: fields.request_timeout,
    ...openTimeout(fields.open_timeout),
    mode: fields.mode,
  };
}

function windowConfig(window: NonNullable<Fields['window']>): WindowConfig {
  if (typeof window === 'number') return { type: 'time', durationMs: window, buckets: DEFAULT_BUCKETS };
  if (window.count !== undefined) return { type: 'count', size: window.count };
  return { type: 'time', durationMs: window.duration!, buckets: window.buckets ?? DEFAULT_BUCKETS };
}

function openTimeout(
  open: NonNullable<Fields['open_timeout']>,
): Pick<BreakerConfig, 'openTimeoutMs' | 'openTimeoutGrowth' | 'openTimeoutJitter'> {
  if (typeof open === 'number') return { openTimeoutMs: open, openTimeoutGrowth: null, openTimeoutJitter: 0 };
  const { initial, factor, jitter } = open;
  const maxMs = open.max ?? Math.min(initial * DEFAULT_GROWTH, LONGEST_OPEN_MS);
  return {
    openTimeoutMs: initial,
    openTimeoutGrowth: factor === 1 ? null : { factor, maxMs },
    openTimeoutJitter: jitter,
  };
}

type Present<Of> = { [Key in keyof Of]?: Exclude<Of[Key], undefined> };

function withoutAbsent<Of extends object>(fields: Of): Present<Of> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<Of>;
}
