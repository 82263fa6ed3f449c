import type { HeaderList } from '../../http/message.ts';
import type { StoredAnswer } from './stored-answer.ts';

/**
 * The right and the duty to ask the upstream: others may wait for the end of it. Exactly one of `end` and `abandon`
 * must follow, unless `head` gives an answer; every call after that does nothing.
 */
export interface Fetch {
  readonly kind: 'fetch';
  /**
   * Fields to send in place of the client's own If-None-Match and If-Modified-Since, because a stored answer is there
   * that may only have to be confirmed. Null: the client's own go on.
   */
  readonly conditional: HeaderList | null;
  /** The gateway's member of Cache-Status, such as `breakwater; fwd=uri-miss`. */
  readonly cacheStatus: string;
  /**
   * The upstream's final head, with the end-to-end fields as received.
   *
   * @returns an answer to send in place of the upstream's: its 304 to `conditional` has confirmed it, and the fetch is
   *   over. Null: pass the upstream's on.
   */
  head(status: number, reason: string, headers: HeaderList): StoredAnswer | null;
  /** A part of the body; it is copied, and given up when it is more than one entry may have. */
  data(chunk: Buffer): void;
  /** The answer is complete: it is stored, in its own time, and those who wait are served. */
  end(): void;
  /** It failed, was cut, or the client left: those who wait are let go. */
  abandon(): void;
}
