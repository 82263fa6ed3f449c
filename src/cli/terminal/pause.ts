import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, but not longer than until the signal; either way without an error. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
