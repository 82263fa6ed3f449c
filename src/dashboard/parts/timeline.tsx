import { useMemo, useState } from 'preact/hooks';
import type { Overview } from '../../admin/live/live-types.ts';
import type { NumberedEvent } from '../../observe/gateway-event.ts';
import { upstreamOf } from '../words/event-words.ts';
import { foldProbes } from '../words/fold-probes.ts';
import { dayOf, minuteOfDay } from '../words/format.ts';
import { TimelineEntry } from './timeline-entry.tsx';

/** So many at first, and so many more with each click. */
const PAGE = 40;

interface Props {
  readonly events: readonly NumberedEvent[];
  readonly overview: Overview;
}

/** What happened, newest first. */
export function Timeline({ events, overview }: Props) {
  const [upstream, setUpstream] = useState('');
  const [most, setMost] = useState(PAGE);
  const wanted = useMemo(
    () => foldProbes(events.filter((event) => upstream === '' || upstreamOf(event) === upstream)),
    [events, upstream],
  );
  const shown = wanted.slice(0, most);
  const groups = Map.groupBy(shown, ({ event }) => groupOf(event.at, overview.at));
  return (
    <section aria-labelledby="timeline-title" class="timeline">
      <div class="section-head">
        <h2 id="timeline-title">Timeline</h2>
        <label class="timeline-filter">
          <span class="visually-hidden">Show events of</span>
          <select value={upstream} onChange={({ currentTarget }) => setUpstream(currentTarget.value)}>
            <option value="">All upstreams</option>
            {overview.upstreams.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </div>
      {shown.length === 0 ? (
        <p class="empty">
          {upstream === ''
            ? 'Nothing has happened yet. Changes of state, targets and what operators do will stand here.'
            : `Nothing has happened to ${upstream} yet.`}
        </p>
      ) : (
        [...groups].map(([heading, within]) => (
          <div key={heading} class="timeline-group">
            <h3>{heading}</h3>
            <ol>
              {within.map((item) => (
                <TimelineEntry key={item.id} item={item} />
              ))}
            </ol>
          </div>
        ))
      )}
      {wanted.length > shown.length && (
        <button type="button" class="button" onClick={() => setMost(most + PAGE)}>
          Show older ones
        </button>
      )}
    </section>
  );
}

function groupOf(at: number, now: number): string {
  const day = dayOf(at);
  return day === dayOf(now) ? minuteOfDay(at) : `${day}, ${minuteOfDay(at)}`;
}
