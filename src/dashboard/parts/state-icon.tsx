import type { EventLine } from '../words/event-words.ts';

/** A shape for each state, so that none is told by colour alone: a full disc, a half one, a broken ring. */
export function StateIcon({ look, size = 18 }: { readonly look: EventLine['look']; readonly size?: number }) {
  return (
    <svg class={`state-icon ${look}`} viewBox="0 0 20 20" width={size} height={size} aria-hidden="true">
      {shapes[look]}
    </svg>
  );
}

const ring = <circle cx="10" cy="10" r="7.5" class="ring" />;

const shapes = {
  closed: (
    <>
      {ring}
      <circle cx="10" cy="10" r="4.5" class="fill" />
    </>
  ),
  'half-open': (
    <>
      {ring}
      <path d="M10 2.5a7.5 7.5 0 0 1 0 15z" class="fill" />
    </>
  ),
  open: (
    <>
      <path d="M4.2 14.8A7.5 7.5 0 0 1 13.6 3.4M16.2 5.8A7.5 7.5 0 0 1 6.6 16.7" class="ring heavy" />
      <path d="M7.3 7.3l5.4 5.4M12.7 7.3l-5.4 5.4" class="ring heavy" />
    </>
  ),
  'held-closed': (
    <>
      <rect x="3" y="3" width="14" height="14" rx="3.5" class="ring" />
      <circle cx="10" cy="10" r="3.6" class="fill" />
    </>
  ),
  off: (
    <>
      {ring}
      <path d="M6 10h8" class="ring" />
    </>
  ),
  target: (
    <>
      <path d="M3.5 6.5h13v7h-13z" class="ring" />
      <circle cx="7" cy="10" r="1.3" class="fill" />
    </>
  ),
  person: (
    <>
      <circle cx="10" cy="6.8" r="3.2" class="ring" />
      <path d="M3.8 17a6.2 6.2 0 0 1 12.4 0" class="ring" />
    </>
  ),
  gateway: (
    <>
      <path d="M10 2.8l6.2 3.6v7.2L10 17.2l-6.2-3.6V6.4z" class="ring" />
    </>
  ),
} as const;
