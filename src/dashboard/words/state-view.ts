import type { BreakerOverview } from '../../admin/live/live-types.ts';
import type { BreakerState } from '../../resilience/index.ts';

/** How a state looks: a shape for each, so that none is told by colour alone. */
export type StateLook = 'closed' | 'half-open' | 'open' | 'held-closed' | 'off';

export interface StateView {
  readonly look: StateLook;
  /** One or two words. */
  readonly word: string;
  /** It deserves attention, and stands before those that do not. */
  readonly troubled: boolean;
}

const BY_STATE: Readonly<Record<BreakerState, StateView>> = {
  CLOSED: { look: 'closed', word: 'Closed', troubled: false },
  HALF_OPEN: { look: 'half-open', word: 'Half-open', troubled: true },
  OPEN: { look: 'open', word: 'Open', troubled: true },
};

export function stateView({ state, mode, forced, wouldBe }: BreakerOverview): StateView {
  if (forced === 'open') return { look: 'open', word: 'Held open', troubled: true };
  if (forced === 'closed') return { look: 'held-closed', word: 'Held closed', troubled: true };
  if (mode === 'disabled') return { look: 'off', word: 'Off', troubled: false };
  if (mode === 'observe' && wouldBe !== null && wouldBe !== 'CLOSED') {
    // Nothing is refused, so it does not look like what refuses.
    return { look: 'half-open', word: 'Would be open', troubled: true };
  }
  return BY_STATE[state];
}

export function stateLook(state: BreakerState): StateLook {
  return BY_STATE[state].look;
}
