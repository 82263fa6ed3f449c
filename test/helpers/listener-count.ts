import { getEventListeners } from 'node:events';

/** Listeners that wait for the abort of a signal: what a policy leaves behind when it leaks. */
export function abortListeners(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}
