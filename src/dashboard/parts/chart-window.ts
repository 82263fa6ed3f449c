import type { TrafficSample } from '../../admin/live/live-types.ts';
import { WINDOW_MS } from '../live/live-state.ts';

/** A gateway that has just started has little to show: the window begins with what there is, but is never shorter. */
const SHORTEST_MS = 2 * 60_000;

/** Where charts begin: fifteen minutes ago, or with the first sample. Unix milliseconds. */
export function windowStart(samples: readonly TrafficSample[], now: number): number {
  const first = samples[0];
  const begin = first === undefined ? now : first.at - first.spanMs;
  return Math.max(now - WINDOW_MS, Math.min(begin, now - SHORTEST_MS));
}
