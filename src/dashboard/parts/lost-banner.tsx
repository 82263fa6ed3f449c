import { useEffect, useState } from 'preact/hooks';
import { useLive } from '../live/live-context.ts';
import type { LiveState } from '../live/live-state.ts';
import { ago, left } from '../words/format.ts';

export function LostBanner({ state }: { readonly state: LiveState }) {
  const { client, clock } = useLive();
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const next = state.retryAt === null ? 'Trying again…' : `Trying again in ${left(state.retryAt - now)}.`;
  const age = state.overview === null ? '' : ` What you see is from ${ago(clock.now() - state.overview.at)}.`;
  return (
    <section class="lost-banner" aria-label="Connection">
      <p>
        <strong>Disconnected.</strong> {state.lostBecause} {next}
        {age}
      </p>
      <button
        type="button"
        class="button"
        disabled={state.retryAt === null}
        onClick={() => client.retryNow()}
      >
        Try now
      </button>
    </section>
  );
}
