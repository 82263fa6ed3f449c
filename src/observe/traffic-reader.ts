import { DURATION_BUCKETS, RequestLayout, type RouteLabels, type STATUS_CLASSES } from './request-layout.ts';
import { RequestTotals } from './request-totals.ts';
import type { TrafficTotals } from './traffic-sample.ts';

export interface TrafficSources {
  /** In the order of the configuration. */
  readonly routes: readonly RouteLabels[];
  /** Of the RequestRecorder of each thread. */
  readonly requests: readonly Int32Array[];
  /** Of the RejectionRecorder of all threads. */
  readonly rejections: Int32Array;
}

type Changing<T> = { -readonly [Key in keyof T]: T[Key] extends number ? number : Changing<T[Key]> };

/** All that has been counted, at one moment. */
export interface TrafficReading {
  readonly total: TrafficTotals;
  /** Requests by the bucket of their duration, not cumulative; those above all DURATION_BUCKETS come last. */
  readonly durations: Float64Array;
  /** What the routes of an upstream have done; zeros when none of them has been asked. */
  ofUpstream(name: string): TrafficTotals;
  ofRoute(route: RouteLabels): TrafficTotals;
}

type Totals = Changing<TrafficTotals>;

const NOTHING: TrafficTotals = newTotals();

/** Adds up what the threads have counted: over all routes, for each upstream and for each route. */
export class TrafficReader {
  readonly #totals: RequestTotals;
  readonly #places: RequestLayout['places'];
  readonly #rejections: Int32Array;

  constructor({ routes, requests, rejections }: TrafficSources) {
    this.#totals = new RequestTotals(routes, requests);
    this.#places = new RequestLayout(routes).places;
    this.#rejections = rejections;
  }

  /**
   * With 1,000 routes, each asked with two methods and two classes of status, in two threads: 3 ms. Routes that nobody
   * asks cost nothing but a look.
   */
  read(): TrafficReading {
    const sums = new Sums();
    this.#totals.read();
    for (const { labels, count, buckets } of this.#totals.series) {
      sums.add(labels, (totals) => {
        totals.requests += count;
        totals.classes[labels.status_class as (typeof STATUS_CLASSES)[number]] += count;
      });
      if (hasRoute(labels)) sums.addDurations(buckets);
    }
    for (const { labels, retries, fallbacks } of this.#totals.policies) {
      sums.add(labels, (totals) => {
        totals.retries += retries;
        for (const { fallback, count } of fallbacks)
          totals.fallbacks[fallback as keyof Totals['fallbacks']] += count;
      });
    }
    for (const [place, labels] of this.#places.entries()) {
      const count = Atomics.load(this.#rejections, place) >>> 0;
      if (count > 0) sums.add(labels, (totals) => (totals.rejected += count));
    }
    return sums;
  }
}

interface Labels {
  readonly route: string;
  readonly upstream: string;
}

class Sums implements TrafficReading {
  readonly total = newTotals();
  readonly durations = new Float64Array(DURATION_BUCKETS.length + 1);
  readonly #upstreams = new Map<string, Totals>();
  /** By upstream and path. */
  readonly #routes = new Map<string, Map<string, Totals>>();

  ofUpstream(name: string): TrafficTotals {
    return this.#upstreams.get(name) ?? NOTHING;
  }

  ofRoute({ path, upstream }: RouteLabels): TrafficTotals {
    return this.#routes.get(upstream)?.get(path) ?? NOTHING;
  }

  add(labels: Labels, change: (totals: Totals) => void): void {
    if (!hasRoute(labels)) return;
    const { route, upstream } = labels;
    const ofUpstream = this.#routes.get(upstream) ?? new Map<string, Totals>();
    this.#routes.set(upstream, ofUpstream);
    change(this.total);
    change(totalsIn(this.#upstreams, upstream));
    change(totalsIn(ofUpstream, route));
  }

  addDurations(buckets: Float64Array): void {
    for (let bucket = 0; bucket < this.durations.length; bucket++) {
      this.durations[bucket] = this.durations[bucket]! + (buckets[bucket] ?? 0);
    }
  }
}

/** A path begins with a slash, so that no route can be mistaken for none. */
function hasRoute({ route }: Labels): boolean {
  return route.startsWith('/');
}

function totalsIn(map: Map<string, Totals>, key: string): Totals {
  let totals = map.get(key);
  if (totals === undefined) {
    totals = newTotals();
    map.set(key, totals);
  }
  return totals;
}

function newTotals(): Totals {
  return {
    requests: 0,
    classes: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, none: 0 },
    rejected: 0,
    retries: 0,
    fallbacks: { secondary: 0, stale: 0, static: 0, mock: 0 },
  };
}
