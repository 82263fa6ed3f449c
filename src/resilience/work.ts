/** What a policy runs. The signal tells when nobody waits for the result any more. */
export type Work<T> = (signal: AbortSignal) => T | PromiseLike<T>;

export interface CallOptions {
  /** The caller's: aborted when it gives up. A Deadline's signal also tells how long it waits. */
  readonly signal?: AbortSignal | undefined;
}

/** What can be put around work: Retry, Bulkhead, CircuitBreaker, Timeout and compositions of them. */
export interface Layer {
  execute<T>(work: Work<T>, options?: CallOptions): Promise<T>;
}

/** A signal for work whose caller gave none. A new one each time: a shared one would collect listeners for ever. */
export function signalOf(options: CallOptions | undefined): AbortSignal {
  return options?.signal ?? new AbortController().signal;
}
