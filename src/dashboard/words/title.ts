import type { LiveState } from '../live/live-state.ts';
import { listOf } from './format.ts';

/** The title of the tab: what is open comes first, because tabs are narrow. */
export function titleOf({ phase, overview }: LiveState): string {
  if (phase === 'lost') return 'Disconnected · Breakwater';
  if (overview === null) return 'Breakwater';
  const open = overview.upstreams.filter(({ breaker }) => breaker.state === 'OPEN').map(({ name }) => name);
  if (open.length > 0) return `${listOf(open)} open · Breakwater`;
  const probing = overview.upstreams.some(({ breaker }) => breaker.state === 'HALF_OPEN');
  return probing ? 'Probing · Breakwater' : `${overview.gateway.host} · Breakwater`;
}
