/** `log.access`. */
export interface AccessLogConfig {
  /** Percent of plain requests that are written. */
  readonly sample: number;
  /** A request that took so long is always written. */
  readonly slowMs: number;
  /** Null: standard output. */
  readonly file: string | null;
  /** What is written of a query: its parameters' names, all but secrets, or nothing. */
  readonly query: 'names' | 'keep' | 'drop';
  /** Names of parameters and header fields to mask besides the usual ones, in lower case. */
  readonly redact: readonly string[];
  /** Names of the request's header fields to write as well, in lower case. */
  readonly requestHeaders: readonly string[];
  /** `prefix`: /24, or /48 of IPv6. */
  readonly clientAddress: 'full' | 'prefix' | 'none';
}
