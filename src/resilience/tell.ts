/**
 * Tells somebody who only wants to know. A listener is no part of the call: what it throws, or what its promise is
 * rejected with, is dropped.
 */
export function tell<E>(listener: ((event: E) => unknown) | undefined, event: E): void {
  try {
    const result = listener?.(event);
    // Nobody waits for it, and an unhandled rejection would end the process.
    if (result instanceof Promise) result.catch(() => {});
  } catch {
    // See above.
  }
}
