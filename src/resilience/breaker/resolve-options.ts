import { InvalidOptionError } from '../errors.ts';
import type {
  CircuitBreakerOptions,
  OpenTimeOptions,
  ResolvedBreakerOptions,
  WindowOptions,
} from './breaker-options.ts';
import { DEFAULT_BUCKETS } from './layout.ts';

const DAY_MS = 86_400_000;
/** Well within 2^31 ms, so that a difference of two 32-bit times has one meaning. */
const LONGEST_MS = 7 * DAY_MS;
const MOST = 1_000_000;

/** @throws InvalidOptionError */
export function resolveOptions(options: CircuitBreakerOptions): ResolvedBreakerOptions {
  const { name, consecutiveFailures, failureRate, slowCall, requestTimeoutMs } = options;
  if (typeof name !== 'string' || name === '') throw new InvalidOptionError('name', name, 'a name');
  const window = options.window === undefined ? null : resolveWindow(options.window);
  if (window === null) {
    if (failureRate !== undefined)
      throw new InvalidOptionError('window', undefined, 'given with failureRate');
    if (slowCall !== undefined) throw new InvalidOptionError('window', undefined, 'given with slowCall');
  }
  const otherRule = consecutiveFailures ?? failureRate ?? slowCall;
  const failureThreshold = options.failureThreshold ?? (otherRule === undefined ? 5 : undefined);
  const minRequests = whole('minRequests', options.minRequests ?? 20);
  if (window?.type === 'count' && options.minRequests !== undefined && minRequests > window.size) {
    throw new InvalidOptionError('minRequests', minRequests, `at most the window's size (${window.size})`);
  }
  const openTimeoutMs = options.openTimeoutMs ?? 60_000;
  return Object.freeze({
    name,
    failureThreshold: failureThreshold === undefined ? null : whole('failureThreshold', failureThreshold),
    consecutiveFailures:
      consecutiveFailures === undefined ? null : whole('consecutiveFailures', consecutiveFailures),
    failureRate: failureRate === undefined ? null : percent('failureRate', failureRate),
    slowCall:
      slowCall === undefined
        ? null
        : Object.freeze({
            durationMs: milliseconds('slowCall.durationMs', slowCall.durationMs),
            rate: percent('slowCall.rate', slowCall.rate),
          }),
    window,
    // A count window smaller than the default can be judged when it is full.
    minRequests: window?.type === 'count' ? Math.min(minRequests, window.size) : minRequests,
    minRequestsForFailures: options.minRequests === undefined ? 1 : minRequests,
    successThreshold: whole('successThreshold', options.successThreshold ?? 1),
    halfOpenRequests: whole('halfOpenRequests', options.halfOpenRequests ?? 1),
    halfOpenTimeoutMs: milliseconds('halfOpenTimeoutMs', options.halfOpenTimeoutMs ?? 10_000),
    openTimeoutMs: resolveOpenTime(
      typeof openTimeoutMs === 'number' ? { initialMs: openTimeoutMs } : openTimeoutMs,
    ),
    requestTimeoutMs:
      requestTimeoutMs === undefined ? null : milliseconds('requestTimeoutMs', requestTimeoutMs),
    mode: oneOf('mode', options.mode ?? 'enforce', ['enforce', 'observe', 'disabled']),
    failFast: options.failFast ?? true,
  } satisfies ResolvedBreakerOptions);
}

function resolveWindow(window: WindowOptions): NonNullable<ResolvedBreakerOptions['window']> {
  if (oneOf('window.type', window.type, ['time', 'count']) === 'count') {
    const { size } = window as Extract<WindowOptions, { type: 'count' }>;
    return Object.freeze({ type: 'count', size: whole('window.size', size, 100_000) });
  }
  const { durationMs, buckets = DEFAULT_BUCKETS } = window as Extract<WindowOptions, { type: 'time' }>;
  whole('window.buckets', buckets, 1000);
  if (!(durationMs >= buckets && durationMs <= DAY_MS)) {
    throw new InvalidOptionError(
      'window.durationMs',
      durationMs,
      `milliseconds, from ${buckets} to 24 hours`,
    );
  }
  return Object.freeze({ type: 'time', durationMs, buckets });
}

function resolveOpenTime(options: OpenTimeOptions): ResolvedBreakerOptions['openTimeoutMs'] {
  const initialMs = milliseconds('openTimeoutMs', options.initialMs);
  const factor = between('openTimeoutMs.factor', options.factor ?? 1, 1, 1000);
  const growth = factor === 1 ? 1 : 10;
  const maxMs = milliseconds(
    'openTimeoutMs.maxMs',
    options.maxMs ?? Math.min(initialMs * growth, LONGEST_MS),
  );
  if (maxMs < initialMs) {
    throw new InvalidOptionError('openTimeoutMs.maxMs', maxMs, `at least initialMs (${initialMs})`);
  }
  const jitter = between('openTimeoutMs.jitter', options.jitter ?? 0, 0, 1);
  return Object.freeze({ initialMs, factor, maxMs, jitter });
}

function whole(option: string, value: number, max = MOST): number {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new InvalidOptionError(option, value, `a whole number from 1 to ${max}`);
  }
  return value;
}

function milliseconds(option: string, value: number): number {
  if (!(value >= 1 && value <= LONGEST_MS)) {
    throw new InvalidOptionError(option, value, 'milliseconds, from 1 to 7 days');
  }
  return value;
}

function between(option: string, value: number, min: number, max: number): number {
  if (!(value >= min && value <= max)) throw new InvalidOptionError(option, value, `from ${min} to ${max}`);
  return value;
}

function percent(option: string, value: number): number {
  const hundredths = Math.round(value * 100);
  if (!(hundredths >= 1 && hundredths <= 10_000) || Math.abs(value * 100 - hundredths) > 1e-6) {
    throw new InvalidOptionError(option, value, 'percent, from 0.01 to 100 by hundredths');
  }
  return value;
}

function oneOf<T extends string>(option: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value)) throw new InvalidOptionError(option, value, `one of ${allowed.join(', ')}`);
  return value;
}
