import { useEffect, useState } from 'preact/hooks';
import { useLive } from './live-context.ts';

/** The time at the gateway, anew each second while `active` and somebody looks. */
export function useNow(active = true): number {
  const { clock } = useLive();
  const [now, setNow] = useState(clock.now());
  useEffect(() => {
    if (!active) return;
    const tick = (): void => {
      if (!document.hidden) setNow(clock.now());
    };
    tick();
    const timer = setInterval(tick, 1000);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [active, clock]);
  return active ? now : clock.now();
}
