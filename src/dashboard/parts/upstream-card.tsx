import type { UpstreamOverview } from '../../admin/live/live-types.ts';
import { openSince } from '../live/outages.ts';
import { stateView } from '../words/state-view.ts';
import { BreakerActions } from './breaker-actions.tsx';
import { BreakerSituation } from './breaker-situation.tsx';
import { StateIcon } from './state-icon.tsx';
import { UpstreamDetail } from './upstream-detail.tsx';
import type { UpstreamTraffic } from './upstream-traffic.ts';

interface Props {
  readonly upstream: UpstreamOverview;
  /** When the overview was made. */
  readonly at: number;
  readonly traffic: UpstreamTraffic;
}

export function UpstreamCard({ upstream, at, traffic }: Props) {
  const { name, breaker } = upstream;
  const { look, word } = stateView(breaker);
  const id = `upstream-${name}`;
  return (
    <article class={`card ${look}`} aria-labelledby={id}>
      <header class="card-head">
        <div class="card-names">
          <h3 id={id}>{name}</h3>
          {breaker.name !== name && <p class="mono breaker-name">{breaker.name}</p>}
        </div>
        <p class={`state-word ${look}`}>
          <StateIcon look={look} />
          {word}
        </p>
      </header>
      <BreakerSituation breaker={breaker} at={at} openSince={openSince(traffic.outages)} />
      <UpstreamDetail upstream={upstream} at={at} traffic={traffic} />
      <BreakerActions breaker={breaker} name={name} />
    </article>
  );
}
