import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { AdminApi } from './admin-api.ts';
import type { LiveClient } from './live-client.ts';
import type { LiveState } from './live-state.ts';
import type { LiveStore } from './live-store.ts';
import type { ServerClock } from './server-clock.ts';

/** What every part of the page may use. */
export interface Live {
  readonly api: AdminApi;
  readonly client: LiveClient;
  readonly clock: ServerClock;
  readonly store: LiveStore;
}

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error('Parts of the page need a LiveContext around them.');
  return live;
}

export function useLiveState(): LiveState {
  const { store } = useLive();
  const [state, setState] = useState(store.state);
  useEffect(() => {
    setState(store.state);
    return store.paint(setState);
  }, [store]);
  return state;
}
