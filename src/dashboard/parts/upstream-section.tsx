import { useState } from 'preact/hooks';
import type { Overview, TrafficSample, UpstreamOverview } from '../../admin/live/live-types.ts';
import type { LiveState } from '../live/live-state.ts';
import { type Outage, openSince } from '../live/outages.ts';
import { useSteadyOrder } from '../live/use-steady-order.ts';
import { countOf } from '../words/format.ts';
import { stateView } from '../words/state-view.ts';
import { CacheCard } from './cache-card.tsx';
import { StateFilter, type Wanted } from './state-filter.tsx';
import { UpstreamCard } from './upstream-card.tsx';
import { UpstreamRow } from './upstream-row.tsx';

/** Above this many a list with one line each shows more than cards do. */
const MOST_CARDS = 12;

interface Props {
  readonly state: LiveState;
  readonly overview: Overview;
  readonly outages: readonly Outage[];
}

export function UpstreamSection({ state, overview, outages }: Props) {
  const [wanted, setWanted] = useState<Wanted>({ name: '', look: 'all' });
  const [ordered, holding] = useSteadyOrder(overview.upstreams);
  const many = ordered.length > MOST_CARDS;
  const shown = many ? ordered.filter((one) => isWanted(one, wanted)) : ordered;
  const traffic = (name: string) => ({
    index: state.sampledUpstreams.indexOf(name),
    samples: state.samples as readonly TrafficSample[],
    outages: outages.filter(({ upstream }) => upstream === name),
    now: overview.at,
  });
  const cache = overview.cacheBreaker && (
    <CacheCard
      breaker={overview.cacheBreaker}
      at={overview.at}
      openSince={openSince(outages.filter(({ upstream }) => upstream === null))}
    />
  );
  return (
    <section aria-labelledby="upstreams-title" class="upstreams">
      <div class="section-head">
        <h2 id="upstreams-title">Upstreams</h2>
        <p class="section-note">{summary(overview)}</p>
      </div>
      {many && <StateFilter wanted={wanted} shown={shown.length} all={ordered.length} onChange={setWanted} />}
      {many ? (
        <ul class="upstream-rows" {...holding}>
          {shown.map((one) => (
            <UpstreamRow key={one.name} upstream={one} at={overview.at} traffic={traffic(one.name)} />
          ))}
        </ul>
      ) : (
        <div class={`card-grid of-${Math.min(ordered.length + (cache ? 1 : 0), 4)}`} {...holding}>
          {shown.map((one) => (
            <UpstreamCard key={one.name} upstream={one} at={overview.at} traffic={traffic(one.name)} />
          ))}
          {cache}
        </div>
      )}
      {shown.length === 0 && <p class="empty">No upstream is called or in a state like that.</p>}
      {many && cache}
    </section>
  );
}

function isWanted({ name, breaker }: UpstreamOverview, wanted: Wanted): boolean {
  const text = wanted.name.trim().toLowerCase();
  const named = name.toLowerCase().includes(text) || breaker.name.toLowerCase().includes(text);
  const { look, troubled } = stateView(breaker);
  if (!named) return false;
  if (wanted.look === 'all') return true;
  return wanted.look === 'troubled' ? troubled : look === wanted.look;
}

function summary({ upstreams }: Overview): string {
  const closed = upstreams.filter(({ breaker }) => breaker.state === 'CLOSED').length;
  const targets = upstreams.flatMap((one) => one.targets);
  const failing = targets.filter(({ status }) => status === 'unhealthy' || status === 'ejected').length;
  const state = closed === upstreams.length ? 'all closed' : `${closed} of ${upstreams.length} closed`;
  return `${state} · ${countOf(targets.length, 'target')}${failing === 0 ? '' : `, ${failing} failing`}`;
}
