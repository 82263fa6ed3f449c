import { createHook } from 'node:async_hooks';

/** Sockets and servers that this process holds, by kind and sorted: what a part leaves behind when it leaks. */
export function openSockets(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /TCP|TLS/.test(name))
    .sort();
}

export interface TimerWatch {
  /** Where the timers were set that the code under `src/` has set since and that still run, unref'd ones too. */
  running(): string[];
  [Symbol.dispose](): void;
}

/** Node does not list timers that hold no process, so they are watched from their beginning. */
export function watchTimers(): TimerWatch {
  const running = new Map<number, string>();
  const hook = createHook({
    init(id, type) {
      if (type !== 'Timeout') return;
      const place = /\/src\/[^)\n]*/.exec(new Error().stack ?? '')?.[0];
      if (place !== undefined) running.set(id, place);
    },
    destroy: (id) => void running.delete(id),
  }).enable();
  return {
    running: () => [...running.values()],
    [Symbol.dispose]: () => void hook.disable(),
  };
}
