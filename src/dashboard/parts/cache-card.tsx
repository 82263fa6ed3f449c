import type { BreakerOverview } from '../../admin/live/live-types.ts';
import { stateView } from '../words/state-view.ts';
import { BreakerActions } from './breaker-actions.tsx';
import { BreakerSituation } from './breaker-situation.tsx';
import { StateIcon } from './state-icon.tsx';

interface Props {
  readonly breaker: BreakerOverview;
  readonly at: number;
  readonly openSince: number | null;
}

/** The breaker of the cache in Redis, which has no targets of its own. */
export function CacheCard({ breaker, at, openSince }: Props) {
  const { look, word } = stateView(breaker);
  return (
    <article class={`card cache-card ${look}`} aria-labelledby="cache-title">
      <header class="card-head">
        <div class="card-names">
          <h3 id="cache-title">Cache in Redis</h3>
          <p class="mono breaker-name">{breaker.name}</p>
        </div>
        <p class={`state-word ${look}`}>
          <StateIcon look={look} />
          {word}
        </p>
      </header>
      <BreakerSituation breaker={breaker} at={at} openSince={openSince} />
      <BreakerActions breaker={breaker} name="the cache" />
    </article>
  );
}
