import { interpolatePercentile } from './interpolate-percentile.ts';
import { DURATION_BUCKETS } from './request-layout.ts';
import type { TrafficReading } from './traffic-reader.ts';
import type { TrafficSample, TrafficTotals } from './traffic-sample.ts';

export interface TimedReading {
  readonly reading: TrafficReading;
  /** Unsigned 32 bits, and begins anew after them. */
  readonly rejections: number;
  /** Monotonic milliseconds. */
  readonly now: number;
}

const BOUNDS_MS = DURATION_BUCKETS.map((seconds) => seconds * 1000);

/** Most upstreams of most samples: one object for all of them keeps a long history of many upstreams small. */
const IDLE = Object.freeze({ requests: 0, failures: 0 });

/** The traffic between two readings. The time between them is the true one, however late the second came. */
export function compareReadings(
  before: TimedReading,
  after: TimedReading,
  { at, upstreams }: { readonly at: number; readonly upstreams: readonly string[] },
): TrafficSample {
  const spanMs = after.now - before.now;
  const a = before.reading.total;
  const b = after.reading.total;
  const rate = (count: number): number => rounded((count * 1000) / spanMs);
  const grown = (...classes: (keyof TrafficTotals['classes'])[]): number =>
    rate(classes.reduce((sum, one) => sum + b.classes[one] - a.classes[one], 0));
  return {
    at: Math.round(at),
    spanMs: Math.round(spanMs),
    rates: {
      requests: rate(b.requests - a.requests),
      ok: grown('1xx', '2xx', '3xx'),
      clientErrors: grown('4xx'),
      serverErrors: grown('5xx'),
      rejected: rate((after.rejections - before.rejections) >>> 0),
      fallbacks: rate(sumOf(b.fallbacks) - sumOf(a.fallbacks)),
      retries: rate(b.retries - a.retries),
    },
    latency: latencies(before.reading.durations, after.reading.durations),
    upstreams: upstreams.map((name) => {
      const one = before.reading.ofUpstream(name);
      const two = after.reading.ofUpstream(name);
      if (one.requests === two.requests) return IDLE;
      return { requests: rate(two.requests - one.requests), failures: rate(failed(two) - failed(one)) };
    }),
  };
}

function latencies(before: Float64Array, after: Float64Array): TrafficSample['latency'] {
  const counts = after.map((count, bucket) => count - before[bucket]!);
  const of = (share: number): number | null => {
    const ms = interpolatePercentile(share, counts, BOUNDS_MS);
    return ms === null ? null : rounded(ms);
  };
  return { p50: of(0.5), p95: of(0.95), p99: of(0.99) };
}

function failed({ classes }: TrafficTotals): number {
  return classes['5xx'] + classes.none;
}

function sumOf(fallbacks: TrafficTotals['fallbacks']): number {
  return fallbacks.secondary + fallbacks.stale + fallbacks.static + fallbacks.mock;
}

/** To hundredths: nobody reads more of them, and they would be half of what is sent. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
