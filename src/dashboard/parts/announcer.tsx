import { useEffect, useRef, useState } from 'preact/hooks';
import type { LiveState } from '../live/live-state.ts';
import { newsOf } from '../words/news.ts';

/** Tells screen readers what changes: states and the connection, never numbers or countdowns. */
export function Announcer({ state }: { readonly state: LiveState }) {
  const [text, setText] = useState('');
  const seen = useRef(0);
  const openedAt = useRef<number | null>(null);
  const phase = useRef(state.phase);
  useEffect(() => {
    // What had happened before the page was opened is no news.
    openedAt.current ??= state.overview?.at ?? null;
    const last = state.events.at(-1)?.id ?? 0;
    // Another process counts from 1 again.
    const before = last < seen.current ? 0 : seen.current;
    seen.current = last;
    const since = openedAt.current;
    if (since === null) return;
    const news = newsOf(state.events.filter(({ id, at }) => id > before && at > since));
    if (news !== '') setText(news);
  }, [state.events, state.overview]);
  useEffect(() => {
    if (phase.current === state.phase) return;
    if (state.phase === 'lost') setText('The connection to the gateway is lost. What is shown is old.');
    else if (phase.current === 'lost' && state.phase === 'live') setText('The connection is back.');
    phase.current = state.phase;
  }, [state.phase]);
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {text}
    </div>
  );
}
