/** What the trip rules look at. One object per breaker, filled anew for each judgement, so nothing is allocated. */
export interface CallCounts {
  /** Failures in the window; without one, in a row. */
  failures: number;
  /** Counted calls, successes and failures, in the window; without one, since the breaker closed. */
  requests: number;
  successes: number;
  slow: number;
  /** Failures in a row, whatever the window. */
  streak: number;
}

/** The newest calls of one generation. `word` is the STATE word on whose behalf the caller acts. */
export interface CallWindow {
  record(word: number, failed: boolean, slow: boolean): void;
  /** Fills in all but `streak`, which it may read. */
  sum(word: number, counts: CallCounts): void;
  /** A generation has begun. */
  begin(word: number): void;
}
