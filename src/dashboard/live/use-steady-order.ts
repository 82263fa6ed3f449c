import { useRef, useState } from 'preact/hooks';
import type { UpstreamOverview } from '../../admin/live/live-types.ts';
import { stateView } from '../words/state-view.ts';

interface Holding {
  readonly onPointerEnter: () => void;
  readonly onPointerLeave: () => void;
  readonly onFocusIn: () => void;
  readonly onFocusOut: () => void;
}

/**
 * Those in trouble first, otherwise as configured. While a pointer or the focus is in the list nothing moves: a button
 * must not slip away under a finger.
 */
export function useSteadyOrder(
  upstreams: readonly UpstreamOverview[],
): [readonly UpstreamOverview[], Holding] {
  const order = useRef<readonly string[]>([]);
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  const known =
    order.current.length === upstreams.length && upstreams.every(({ name }) => order.current.includes(name));
  if (!known || (!pointed && !focused)) {
    const troubled = (one: UpstreamOverview): boolean => stateView(one.breaker).troubled;
    const first = upstreams.filter(troubled);
    order.current = [...first, ...upstreams.filter((one) => !troubled(one))].map(({ name }) => name);
  }
  const byName = new Map(upstreams.map((one) => [one.name, one]));
  return [
    order.current.map((name) => byName.get(name)!),
    {
      onPointerEnter: () => setPointed(true),
      onPointerLeave: () => setPointed(false),
      onFocusIn: () => setFocused(true),
      onFocusOut: () => setFocused(false),
    },
  ];
}
