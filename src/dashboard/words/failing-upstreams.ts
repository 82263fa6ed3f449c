import type { TrafficSample, UpstreamOverview } from '../../admin/live/live-types.ts';

/** What is older is no news. */
const RECENT_MS = 10_000;
/** A smaller share of failures is daily life. */
const LEAST_SHARE = 0.05;

/** Upstreams whose requests fail although no breaker has opened, and how many of them. */
export interface Failing {
  readonly upstreams: readonly UpstreamOverview[];
  readonly failures: number;
  readonly requests: number;
}

/** In the last ten seconds, and since the breaker was last closed: what failed before a recovery is over. */
export function failingUpstreams(
  upstreams: readonly UpstreamOverview[],
  samples: readonly TrafficSample[],
): Failing {
  const oldest = (samples.at(-1)?.at ?? 0) - RECENT_MS;
  const recent = samples.slice(-20).filter(({ at }) => at > oldest);
  const counted = upstreams.map((upstream, index) => {
    const since = recent.filter(({ at, spanMs }) => at - spanMs >= upstream.breaker.lastChangeAt);
    const sum = (what: 'requests' | 'failures'): number =>
      Math.round(
        since.reduce(
          (all, sample) => all + ((sample.upstreams[index]?.[what] ?? 0) * sample.spanMs) / 1000,
          0,
        ),
      );
    return { upstream, failures: sum('failures'), requests: sum('requests') };
  });
  const failing = counted.filter(
    ({ failures, requests }) => failures > 0 && failures >= requests * LEAST_SHARE,
  );
  return {
    upstreams: failing.map(({ upstream }) => upstream),
    failures: failing.reduce((all, { failures }) => all + failures, 0),
    requests: failing.reduce((all, { requests }) => all + requests, 0),
  };
}
