import type { TrafficSample } from '../../admin/live/live-types.ts';
import type { Outage } from '../live/outages.ts';

/** What the samples say of one upstream. */
export interface UpstreamTraffic {
  /** Its place in `samples[].upstreams`; -1: not there. */
  readonly index: number;
  readonly samples: readonly TrafficSample[];
  readonly outages: readonly Outage[];
  readonly now: number;
}
