/** An answer on its way between threads, and as the main thread keeps it. */
export interface SentEntry {
  /** All but the body, as JSON: a flat text costs the main thread nothing but its bytes. */
  readonly fields: string;
  readonly body: ArrayBuffer;
  /** The change mark of its key when it was stored. */
  readonly mark: number;
  /** On the clock that all threads share, in milliseconds. */
  readonly storedAt: number;
  readonly keepMs: number;
}

/** What a worker asks of the store in the main thread. */
export type StoreOrder =
  | { readonly op: 'get'; readonly key: string }
  | { readonly op: 'set'; readonly key: string; readonly entry: SentEntry }
  | { readonly op: 'delete'; readonly key: string };

export type StoreCall = StoreOrder & { readonly id: number };

/** Each call has one, also when there is nothing to say but that it is done. */
export interface StoreAnswer {
  readonly id: number;
  readonly entry?: SentEntry | undefined;
}
