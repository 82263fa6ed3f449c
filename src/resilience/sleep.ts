import type { Timer } from './timer.ts';

/**
 * Waits; an abort ends the wait at once.
 *
 * @param ms 0 or more
 * @throws the signal's reason when it is aborted
 */
export function sleep(ms: number, timer: Timer, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      stop();
      reject(signal?.reason);
    };
    const stop = timer.start(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
