import type { HeaderList, InboundRequest } from '../../http/message.ts';
import {
  backgroundTimer,
  type CacheStore,
  type Clock,
  systemClock,
  type Timer,
} from '../../resilience/index.ts';
import { askedInFront } from './asked-in-front.ts';
import { primaryKey } from './cache-keys.ts';
import type { CacheParts, CachePlace } from './cache-parts.ts';
import { CacheQuestion, type Question } from './cache-question.ts';
import { type AskingRequest, readCacheRequest } from './cache-request.ts';
import { CacheStatus } from './cache-status.ts';
import { type ChangeMarks, NO_MARKS } from './change-marks.ts';
import { changedPaths } from './changed-paths.ts';
import { Flights } from './flights.ts';
import { Freshness } from './freshness.ts';
import { OpenFetches } from './open-fetches.ts';
import { ResponseJudge } from './response-judge.ts';
import { Shelf } from './shelf.ts';
import type { StoredEntry } from './stored-entry.ts';

export type { CachePlace } from './cache-parts.ts';
export type { Question, Unsatisfiable } from './cache-question.ts';
export type { Fetch } from './fetch.ts';
export type { StoredAnswer } from './stored-answer.ts';
export type { StoredEntry } from './stored-entry.ts';

export interface ResponseCacheOptions {
  readonly store: CacheStore<StoredEntry>;
  /** Bytes of one answer's body; a larger one is not stored. */
  readonly maxEntryBytes: number;
  /** This cache in Cache-Status (RFC 9211). */
  readonly name: string;
  /** Whether a peer's word is believed on what it was asked for, by its address. @default nobody's */
  readonly trusts?: ((address: string) => boolean) | undefined;
  /** Told when the store fails; the requests go on without it. What it throws is dropped. */
  readonly onStoreError?: ((error: unknown) => void) | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** @default backgroundTimer */
  readonly timer?: Timer | undefined;
  /** Milliseconds for which a request waits for another one's fetch. @default 30000 */
  readonly maxWaitMs?: number | undefined;
  /**
   * Changes that other threads see: what is under way here is then not stored. A store that these threads share in memory must
   * heed them too. @default none
   */
  readonly marks?: ChangeMarks | undefined;
}

/** What of a request says which resource it asks for. */
type Addressed = Pick<InboundRequest, 'headers' | 'authority' | 'scheme' | 'remoteAddress'>;

/**
 * The gateway's HTTP cache (RFC 9111), a shared one. What may be stored and what is fresh is http-cache-semantics'
 * judgement, made stricter where a gateway has to be. It holds no connection and sends nothing: it answers questions,
 * and listens to what the exchange fetches.
 */
export class ResponseCache {
  readonly #parts: CacheParts;
  readonly #trusts: (address: string) => boolean;

  constructor(options: ResponseCacheOptions) {
    const { clock = systemClock, timer = backgroundTimer, maxWaitMs = 30_000, marks = NO_MARKS } = options;
    this.#trusts = options.trusts ?? (() => false);
    this.#parts = {
      clock,
      judge: new ResponseJudge(clock),
      freshness: new Freshness(clock),
      shelf: new Shelf(options.store, options.onStoreError, marks),
      flights: new Flights({ clock, timer, maxWaitMs }),
      open: new OpenFetches(),
      marks,
      status: new CacheStatus(options.name),
      maxEntryBytes: options.maxEntryBytes,
    };
  }

  /** Fetches under way that others may wait for, and resources that are being fetched: 0 when all requests are over. */
  get underWay(): number {
    return Math.max(this.#parts.flights.size, this.#parts.open.size);
  }

  /**
   * The request as a question, or null when the cache has no business with it: a method other than GET and HEAD, a
   * body, an upgrade, a range, a precondition that only the origin can check, `Cache-Control: no-store`.
   */
  question(request: AskingRequest, place: CachePlace): Question | null {
    const read = readCacheRequest(request);
    if (read === null) return null;
    const primary = this.#key(request, place.upstream, place.path);
    return new CacheQuestion(this.#parts, { request: read, place, primary });
  }

  /**
   * After the answer to an unsafe method (RFC 9111 §4.4): when it was no error, forgets what is stored for the same
   * path, and for Location and Content-Location of the same authority. Safe methods and errors change nothing. Fire and
   * forget; never throws.
   */
  invalidate(
    request: Pick<InboundRequest, 'method' | 'headers' | 'authority' | 'scheme' | 'remoteAddress'>,
    { upstream, path }: Pick<CachePlace, 'upstream' | 'path'>,
    answer: { readonly status: number; readonly headers: HeaderList },
  ): void {
    for (const changed of changedPaths(request, path, answer)) {
      const primary = this.#key(request, upstream, changed);
      this.#parts.open.outdate(primary);
      void this.#parts.shelf.forget(primary);
    }
  }

  #key(request: Addressed, upstream: string, path: string): string {
    const inFront = this.#trusts(request.remoteAddress) ? askedInFront(request.headers) : [];
    return primaryKey(request, inFront, upstream, path);
  }
}
