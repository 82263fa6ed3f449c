import { useState } from 'preact/hooks';
import type { UpstreamOverview } from '../../admin/live/live-types.ts';
import { openSince } from '../live/outages.ts';
import { rate } from '../words/format.ts';
import { openedBecause } from '../words/reason-words.ts';
import { stateView } from '../words/state-view.ts';
import { BreakerActions } from './breaker-actions.tsx';
import { BreakerSituation } from './breaker-situation.tsx';
import { StateIcon } from './state-icon.tsx';
import { UpstreamDetail } from './upstream-detail.tsx';
import type { UpstreamTraffic } from './upstream-traffic.ts';

interface Props {
  readonly upstream: UpstreamOverview;
  readonly at: number;
  readonly traffic: UpstreamTraffic;
}

/** One line of a long list; what a card shows is made only when it is opened. */
export function UpstreamRow({ upstream, at, traffic }: Props) {
  const [open, setOpen] = useState(false);
  const { name, breaker, targets } = upstream;
  const { look, word, troubled } = stateView(breaker);
  const well = targets.filter(({ status }) => status !== 'unhealthy' && status !== 'ejected').length;
  const now = traffic.samples.at(-1)?.upstreams[traffic.index];
  return (
    <li class={`upstream-row ${look}`}>
      <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          <span class={`state-word ${look}`}>
            <StateIcon look={look} />
            {word}
          </span>
          <span class="row-name">{name}</span>
          <span class="row-why">
            {troubled && breaker.reason !== null && breaker.forced === null
              ? openedBecause(breaker.reason)
              : ''}
          </span>
          <span class="row-number">{rate(now?.requests ?? 0)} req/s</span>
          <span class="row-number">
            {well}/{targets.length} <span class="row-unit">targets</span>
          </span>
        </summary>
        {open && (
          <div class="row-more">
            <BreakerSituation breaker={breaker} at={at} openSince={openSince(traffic.outages)} />
            <UpstreamDetail upstream={upstream} at={at} traffic={traffic} />
            <BreakerActions breaker={breaker} name={name} />
          </div>
        )}
      </details>
    </li>
  );
}
