import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child.ts';

/** Type stripping and a cold disk, on a core that other programs start on as well. */
const READY_WITHIN_MS = 30_000;
/** Fine enough to tell when it became true. */
const PAUSE_MS = 5;

/**
 * Asks every 5 ms until the answer is true.
 *
 * @throws Error with the program's output when it ends first, or when it takes longer than half a minute
 */
export async function waitFor(name: string, child: Child, probe: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  let last: unknown;
  while (performance.now() < deadline) {
    if (child.over) throw new Error(`${name} ended before it was ready: ${child.output}`);
    try {
      if (await probe()) return;
    } catch (error) {
      last = error;
    }
    await sleep(PAUSE_MS);
  }
  throw new Error(`${name} was not ready in time (${last}): ${child.output}`, { cause: last });
}
