import { checkWhole } from './check-option.ts';
import { BreakerOpenError } from './errors.ts';
import { BatchError, type BatchFailure, type BatchStop, type BatchSuccess } from './policy-errors.ts';
import { type CallOptions, signalOf } from './work.ts';

export interface BatchOptions extends CallOptions {
  /** Items worked on at the same time, 1 or more. @default 8 */
  readonly concurrency?: number | undefined;
  /**
   * The breaker in front of what the items need: no item begins while it is open. When its open time is over items
   * begin, because only a call shows whether it may close.
   */
  readonly breaker?: { readonly state: string; retryAfterMs?(): number } | undefined;
  /**
   * An error after which no further item begins. A refusal by an open breaker always is one, and so is an error at
   * which this throws. @default none
   */
  readonly stopOn?: ((error: unknown) => boolean) | undefined;
}

/**
 * Works on all items, a few at a time, and goes on when some fail. It stops early when the breaker opens, on an
 * error that `stopOn` names and when the caller gives up; what is running then is waited for, nothing else begins.
 *
 * @returns the values in the order of the items, when every one succeeded
 * @throws BatchError with every error, what succeeded, and what was not begun
 */
export async function batch<I, R>(
  items: readonly I[],
  work: (item: I, signal: AbortSignal, index: number) => R | PromiseLike<R>,
  options: BatchOptions = {},
): Promise<R[]> {
  const { concurrency = 8, breaker, stopOn } = options;
  checkWhole('concurrency', concurrency, 1);
  const signal = signalOf(options);
  const succeeded: BatchSuccess<I, R>[] = [];
  const failed: BatchFailure<I>[] = [];
  let stoppedBy: BatchStop = null;
  let next = 0;

  const mayStart = (): boolean => {
    if (signal.aborted) stoppedBy ??= 'aborted';
    else if (breaker?.state === 'OPEN' && breaker.retryAfterMs?.() !== 0) stoppedBy ??= 'breaker_open';
    return stoppedBy === null;
  };
  const isLast = (error: unknown): boolean => {
    try {
      return stopOn?.(error) ?? false;
    } catch {
      return true;
    }
  };
  const worker = async (): Promise<void> => {
    while (next < items.length && mayStart()) {
      const index = next++;
      const item = items[index] as I;
      try {
        succeeded.push({ index, item, value: await work(item, signal, index) });
      } catch (error) {
        failed.push({ index, item, error });
        if (error instanceof BreakerOpenError) stoppedBy ??= 'breaker_open';
        else if (isLast(error)) stoppedBy ??= 'stop_on';
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));

  const byIndex = (a: { index: number }, b: { index: number }): number => a.index - b.index;
  succeeded.sort(byIndex);
  failed.sort(byIndex);
  if (succeeded.length === items.length) return succeeded.map(({ value }) => value);
  const notStarted = Array.from({ length: items.length - next }, (_, offset) => next + offset);
  throw new BatchError(
    { succeeded, failed, notStarted, stoppedBy },
    stoppedBy === 'aborted' ? signal.reason : undefined,
  );
}
