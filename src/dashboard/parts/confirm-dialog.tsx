import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, type BreakerAction } from '../live/admin-api.ts';
import { useLive } from '../live/live-context.ts';
import { ACTION_WORDS } from '../words/action-words.ts';

interface Props {
  readonly action: BreakerAction;
  readonly breaker: string;
  readonly name: string;
  /** @param acted whether it was done */
  readonly onClose: (acted: boolean) => void;
}

/** Says what is going to happen, and does it when asked to. */
export function ConfirmDialog({ action, breaker, name, onClose }: Props) {
  const { api } = useLive();
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [acting, setActing] = useState(false);
  const acted = useRef(false);
  const words = ACTION_WORDS[action];

  // The browser gives the focus back by itself when a dialog closes.
  useEffect(() => dialog.current?.showModal(), []);

  const act = async (): Promise<void> => {
    if (acting) return;
    setActing(true);
    setProblem(null);
    try {
      await api.act(breaker, action);
      acted.current = true;
      dialog.current?.close();
    } catch (error) {
      setProblem(
        error instanceof ApiError
          ? error.message
          : 'The gateway did not answer; nothing is known to have changed.',
      );
      setActing(false);
    }
  };

  return (
    <dialog
      ref={dialog}
      class="confirm"
      aria-labelledby="confirm-title"
      aria-describedby="confirm-text"
      onClose={() => onClose(acted.current)}
    >
      <h2 id="confirm-title">{words.question(name)}</h2>
      <p id="confirm-text">{words.consequence(name)}</p>
      <p class="confirm-problem" role="alert">
        {problem}
      </p>
      <div class="confirm-buttons">
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button
          type="button"
          class={words.grave ? 'button grave' : 'button primary'}
          aria-disabled={acting}
          onClick={() => void act()}
        >
          {acting ? 'Working…' : words.label}
        </button>
      </div>
    </dialog>
  );
}
