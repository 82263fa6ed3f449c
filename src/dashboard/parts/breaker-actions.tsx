import { useEffect, useRef, useState } from 'preact/hooks';
import type { BreakerOverview } from '../../admin/live/live-types.ts';
import type { BreakerAction } from '../live/admin-api.ts';
import { useLiveState } from '../live/live-context.ts';
import { ACTION_WORDS } from '../words/action-words.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';

interface Props {
  readonly breaker: BreakerOverview;
  /** What people call it. */
  readonly name: string;
}

/** The buttons that make sense now. Nothing happens before it is confirmed. */
export function BreakerActions({ breaker, name }: Props) {
  const [asked, setAsked] = useState<BreakerAction | null>(null);
  const connected = useLiveState().phase === 'live';
  const buttons = useRef<HTMLDivElement>(null);
  /** Other buttons come in place of the one that was pressed, before or after its dialog closes. */
  const replaced = useRef(false);
  const { forced } = breaker;
  useEffect(() => {
    if (!replaced.current || document.activeElement !== document.body) return;
    buttons.current?.querySelector('button')?.focus();
    replaced.current = false;
  }, [forced, asked]);
  const close = (acted: boolean): void => {
    replaced.current = acted && (asked !== 'reset' || forced !== null);
    setAsked(null);
  };
  return (
    <div class="actions" ref={buttons}>
      {possible(breaker).map((action) => (
        <button
          key={action}
          type="button"
          class="quiet"
          disabled={!connected}
          aria-label={`${ACTION_WORDS[action].label}: ${name}`}
          onClick={() => setAsked(action)}
        >
          {ACTION_WORDS[action].label}
        </button>
      ))}
      {asked !== null && <ConfirmDialog action={asked} breaker={breaker.name} name={name} onClose={close} />}
    </div>
  );
}

function possible({ forced }: BreakerOverview): readonly BreakerAction[] {
  if (forced === 'open') return ['release', 'close', 'reset'];
  if (forced === 'closed') return ['release', 'open', 'reset'];
  return ['open', 'close', 'reset'];
}
