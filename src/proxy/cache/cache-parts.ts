import type { Clock } from '../../resilience/index.ts';
import type { CacheRequest } from './cache-request.ts';
import type { CacheStatus } from './cache-status.ts';
import type { ChangeMarks } from './change-marks.ts';
import type { Flights } from './flights.ts';
import type { Freshness } from './freshness.ts';
import type { OpenFetches } from './open-fetches.ts';
import type { ResponseJudge } from './response-judge.ts';
import type { Shelf } from './shelf.ts';

/** What the questions and fetches of one cache share. */
export interface CacheParts {
  readonly clock: Clock;
  readonly judge: ResponseJudge;
  readonly freshness: Freshness;
  readonly shelf: Shelf;
  readonly flights: Flights;
  readonly open: OpenFetches;
  /** Of what others change beside this cache. */
  readonly marks: ChangeMarks;
  readonly status: CacheStatus;
  readonly maxEntryBytes: number;
}

/** Where a question is asked: the route's part of it. */
export interface CachePlace {
  /** Name of the upstream. */
  readonly upstream: string;
  /** Path and query as the upstream is asked for them. */
  readonly path: string;
  /**
   * Milliseconds for which an answer is fresh that does not say so itself; null: by the heuristics of RFC 9111 §4.2.2.
   */
  readonly ttlMs: number | null;
  /** False: the route has no cache, only a fallback; nothing is answered while the upstream does. */
  readonly serves: boolean;
  /** The longest age for which a fallback of the route may want an answer, in milliseconds; 0 without one. */
  readonly staleMs: number;
}

/** One request's question, as its fetch needs it. */
export interface Asked {
  readonly request: CacheRequest;
  readonly place: CachePlace;
  /** The resource's key. */
  readonly primary: string;
}
