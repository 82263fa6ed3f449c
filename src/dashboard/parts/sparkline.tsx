import type { TrafficSample } from '../../admin/live/live-types.ts';
import { WINDOW_MS } from '../live/live-state.ts';
import { windowStart } from './chart-window.ts';
import type { UpstreamTraffic } from './upstream-traffic.ts';

const WIDTH = 300;
const HEIGHT = 44;
/** More points than this are no finer line at the width of a card. */
const POINTS = 120;

/** Requests of an upstream, failures in them, and the times it was open; the same span as the large charts. */
export function Sparkline({ index, samples, outages, now }: UpstreamTraffic) {
  const from = windowStart(samples, now);
  const points = thin(samples, index, from);
  const top = Math.max(1, ...points.map(({ requests }) => requests));
  const x = (at: number): number => Math.max(0, ((at - from) / (now - from)) * WIDTH);
  const y = (value: number): number => HEIGHT - 1 - (value / top) * (HEIGHT - 4);
  const line = (pick: (point: Point) => number): string =>
    points.map((point) => `${x(point.at).toFixed(1)},${y(pick(point)).toFixed(1)}`).join('L');
  const area = (pick: (point: Point) => number): string | undefined =>
    points.length < 2
      ? undefined
      : `M${x(points[0]!.at).toFixed(1)},${HEIGHT}L${line(pick)}L${x(points.at(-1)!.at).toFixed(1)},${HEIGHT}Z`;
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {outages
        .filter(({ to }) => to > now - WINDOW_MS)
        .map((outage) => (
          <rect
            key={outage.from}
            class="spark-outage"
            x={x(outage.from)}
            width={Math.max(1, (outage.over ? x(outage.to) : WIDTH) - x(outage.from))}
            height={HEIGHT}
          />
        ))}
      <path class="spark-requests" d={area(({ requests }) => requests)} />
      {points.length > 1 && <path class="spark-line" d={`M${line(({ requests }) => requests)}`} />}
      <path class="spark-failures" d={area(({ failures }) => failures)} />
      <path class="spark-base" d={`M0,${HEIGHT - 0.5}H${WIDTH}`} />
    </svg>
  );
}

interface Point {
  readonly at: number;
  readonly requests: number;
  readonly failures: number;
}

/** At most POINTS of them, each the mean of its neighbours. */
function thin(samples: readonly TrafficSample[], index: number, from: number): Point[] {
  const within = samples.filter(({ at }) => at >= from);
  const step = Math.max(1, Math.ceil(within.length / POINTS));
  const points: Point[] = [];
  // Groups end at multiples of the step from the newest, so that the line does not flicker as it moves.
  for (let end = within.length; end > 0; end -= step) {
    const group = within.slice(Math.max(0, end - step), end);
    const mean = (pick: 'requests' | 'failures'): number =>
      group.reduce((sum, sample) => sum + (sample.upstreams[index]?.[pick] ?? 0), 0) / group.length;
    points.unshift({ at: group.at(-1)!.at, requests: mean('requests'), failures: mean('failures') });
  }
  return points;
}
