import type { Overview } from '../../admin/live/live-types.ts';
import type { LiveState } from '../live/live-state.ts';
import { outages, united } from '../live/outages.ts';
import { Headline } from './headline.tsx';
import { PoolList } from './pool-list.tsx';
import { Timeline } from './timeline.tsx';
import { TrafficSection } from './traffic-section.tsx';
import { UpstreamSection } from './upstream-section.tsx';

interface Props {
  readonly state: LiveState;
  readonly overview: Overview;
}

export function OverviewView({ state, overview }: Props) {
  const spans = outages(state.events, overview);
  return (
    <>
      <Headline overview={overview} samples={state.samples} lost={state.phase === 'lost'} />
      <UpstreamSection state={state} overview={overview} outages={spans} />
      {overview.pools.length > 0 && <PoolList pools={overview.pools} />}
      <div class="traffic-and-timeline">
        <TrafficSection samples={state.samples} outages={united(spans)} used={overview.totals.requests > 0} />
        <Timeline events={state.events} overview={overview} />
      </div>
    </>
  );
}
