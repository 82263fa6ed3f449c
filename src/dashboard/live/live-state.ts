import type { History, Overview, TrafficSample } from '../../admin/live/live-types.ts';
import type { NumberedEvent } from '../../observe/gateway-event.ts';

/** Everything that the page shows, at one moment. Never changed, only replaced. */
export interface LiveState {
  /**
   * `starting`: nothing is known yet; `login`: a token is needed; `live`: messages come in; `lost`: they do not any
   * more, and what is shown is old.
   */
  readonly phase: 'starting' | 'login' | 'live' | 'lost';
  /** Why a login was refused, or is needed again. */
  readonly loginProblem: string | null;
  /** A token is in use, so that one can sign out. */
  readonly signedIn: boolean;
  /** For `lost`: why, and when the next try is, by performance.now(); null: it is under way. */
  readonly lostBecause: string | null;
  readonly retryAt: number | null;
  readonly overview: Overview | null;
  /** Names of the upstreams, in the order in which the samples have them. */
  readonly sampledUpstreams: readonly string[];
  /** Of the last fifteen minutes, oldest first. */
  readonly samples: readonly TrafficSample[];
  /** Oldest first. */
  readonly events: readonly NumberedEvent[];
}

export const STARTING: LiveState = {
  phase: 'starting',
  loginProblem: null,
  signedIn: false,
  lostBecause: null,
  retryAt: null,
  overview: null,
  sampledUpstreams: [],
  samples: [],
  events: [],
};

export const WINDOW_MS = 15 * 60_000;
/** More than the gateway keeps; what a page that stays open for days may hold. */
const MAX_EVENTS = 2000;

export function withOverview(state: LiveState, overview: Overview): LiveState {
  return { ...state, phase: 'live', lostBecause: null, retryAt: null, overview };
}

export function withSample(state: LiveState, sample: TrafficSample): LiveState {
  if (sample.at <= (state.samples.at(-1)?.at ?? 0)) return state;
  return { ...state, samples: recent([...state.samples, sample]) };
}

/** Takes the history in place of what was there; later samples may have come meanwhile. */
export function withHistory(state: LiveState, { upstreams, samples }: History): LiveState {
  const last = samples.at(-1)?.at ?? 0;
  const later = state.samples.filter(({ at }) => at > last);
  return { ...state, sampledUpstreams: upstreams, samples: recent([...samples, ...later]) };
}

export function withEvent(state: LiveState, event: NumberedEvent): LiveState {
  if (event.id <= (state.events.at(-1)?.id ?? 0)) return state;
  return { ...state, events: [...state.events, event].slice(-MAX_EVENTS) };
}

function recent(samples: readonly TrafficSample[]): readonly TrafficSample[] {
  const oldest = (samples.at(-1)?.at ?? 0) - WINDOW_MS;
  const from = samples.findIndex(({ at }) => at >= oldest);
  return from > 0 ? samples.slice(from) : samples;
}
