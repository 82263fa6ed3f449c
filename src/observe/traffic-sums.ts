import { DURATION_BUCKETS, type RouteLabels } from './request-layout.ts';
import type { TrafficTotals } from './traffic-sample.ts';

/** All that has been counted, at one moment. */
export interface TrafficReading {
  /** Over all routes. */
  readonly total: TrafficTotals;
  /** Requests by the bucket of their duration, not cumulative; those above all DURATION_BUCKETS come last. */
  readonly durations: Float64Array;
  /** What the routes of an upstream have done; zeros when none of them has been asked. */
  ofUpstream(name: string): TrafficTotals;
  ofRoute(route: RouteLabels): TrafficTotals;
}

type Changing<T> = { -readonly [Key in keyof T]: T[Key] extends number ? number : Changing<T[Key]> };

/** Totals while they are counted. */
export type CountingTotals = Changing<TrafficTotals>;

const NOTHING: TrafficTotals = newTotals();

/** A reading while it is taken. */
export class TrafficSums implements TrafficReading {
  readonly total = newTotals();
  readonly durations = new Float64Array(DURATION_BUCKETS.length + 1);
  readonly #upstreams = new Map<string, CountingTotals>();
  /** By upstream and path. */
  readonly #routes = new Map<string, Map<string, CountingTotals>>();

  ofUpstream(name: string): TrafficTotals {
    return this.#upstreams.get(name) ?? NOTHING;
  }

  ofRoute({ path, upstream }: RouteLabels): TrafficTotals {
    return this.#routes.get(upstream)?.get(path) ?? NOTHING;
  }

  /** @param counted at one place of the layout; of routes that have path and upstream in common there may be several */
  add({ path, upstream }: RouteLabels, counted: TrafficTotals): void {
    const paths = ensure(this.#routes, upstream, () => new Map<string, CountingTotals>());
    for (const totals of [
      this.total,
      ensure(this.#upstreams, upstream, newTotals),
      ensure(paths, path, newTotals),
    ]) {
      addTo(totals, counted);
    }
  }
}

export function newTotals(): CountingTotals {
  return {
    requests: 0,
    classes: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, none: 0 },
    rejected: 0,
    retries: 0,
    fallbacks: { secondary: 0, stale: 0, static: 0, mock: 0 },
  };
}

function addTo(sum: CountingTotals, counted: TrafficTotals): void {
  sum.requests += counted.requests;
  sum.rejected += counted.rejected;
  sum.retries += counted.retries;
  addEach(sum.classes, counted.classes);
  addEach(sum.fallbacks, counted.fallbacks);
}

function addEach<Key extends string>(sum: Record<Key, number>, counted: Readonly<Record<Key, number>>): void {
  for (const key in sum) sum[key] += counted[key];
}

function ensure<T>(map: Map<string, T>, key: string, make: () => T): T {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
