import { useEffect, useRef, useState } from 'preact/hooks';
import type { LiveState } from '../live/live-state.ts';
import { eventLine } from '../words/event-words.ts';

/** Tells screen readers what changes: states and the connection, never numbers or countdowns. */
export function Announcer({ state }: { readonly state: LiveState }) {
  const [text, setText] = useState('');
  const seen = useRef<number | null>(null);
  const phase = useRef(state.phase);
  useEffect(() => {
    const last = state.events.at(-1)?.id ?? 0;
    const before = seen.current;
    // What had happened before the page was opened is no news.
    if (state.overview !== null) seen.current = last;
    if (before === null || last <= before) return;
    const news = state.events.filter(({ id, type }) => id > before && type !== 'admin').map(eventLine);
    if (news.length > 0)
      setText(news.map(({ subject, sentence }) => `${subject ?? ''} ${sentence}.`.trim()).join(' '));
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
