import { variantKey } from './cache-keys.ts';
import type { Asked, CacheParts } from './cache-parts.ts';
import type { ForwardReason } from './cache-status.ts';
import type { Fetch } from './fetch.ts';
import type { Flight, StoredLanding } from './flight.ts';
import type { Found, Standing } from './freshness.ts';
import { RecordedFetch } from './recorded-fetch.ts';
import type { Lookup } from './shelf.ts';
import { type StoredAnswer, storedAnswer } from './stored-answer.ts';

/** The client wants nothing but what is stored, and nothing fit is: 504 (RFC 9111 §5.2.1.7). */
export interface Unsatisfiable {
  readonly kind: 'unsatisfiable';
  readonly cacheStatus: string;
}

/** What one request asks the cache. */
export interface Question {
  /**
   * A fresh answer, or the right and duty to fetch one. Those who ask for the same wait for the one that fetches, and
   * after a failure for one more at most.
   *
   * @throws the signal's reason when it is aborted, and nothing else
   */
  find(signal: AbortSignal): Promise<StoredAnswer | Fetch | Unsatisfiable>;
  /**
   * What is stored, whether fresh or not, for a fallback. Null when nothing is, or it may not be served (RFC 9111
   * §4.2.4). Never rejects.
   *
   * @param maxAgeMs RFC 9111 §4.2.3, in milliseconds
   */
  stale(maxAgeMs: number): Promise<StoredAnswer | null>;
}

/** What was found, and how it stands to the request. */
interface Look extends Lookup {
  readonly standing: Standing | null;
}

/** For the first fetch, and for one more after that has failed or brought another variant. */
const MAX_WAITS = 2;

export class CacheQuestion implements Question {
  readonly #parts: CacheParts;
  readonly #asked: Asked;

  constructor(parts: CacheParts, asked: Asked) {
    this.#parts = parts;
    this.#asked = asked;
  }

  async find(signal: AbortSignal): Promise<StoredAnswer | Fetch | Unsatisfiable> {
    signal.throwIfAborted();
    if (!this.#asked.place.serves) return this.#fetch('bypass', null, null, null);
    const { flights, status } = this.#parts;
    let look = await this.#look(signal);
    for (let waits = 0; ; waits++) {
      const { key, found, miss, standing } = look;
      if (found !== null && standing?.kind === 'hit') {
        return this.#answer(found, status.hit(standing.ttlMs), false);
      }
      const reason: ForwardReason = standing === null || standing.kind === 'hit' ? miss : standing.kind;
      if (this.#asked.request.onlyIfCached) {
        return { kind: 'unsatisfiable', cacheStatus: status.forward(reason) };
      }
      const stale = reason === 'bypass' ? null : found;
      if (waits === MAX_WAITS || !this.#waits(key)) return this.#fetch(reason, key, stale, null);
      const flight = flights.get(key);
      if (flight === undefined) return this.#fetch(reason, key, stale, flights.start(key));
      const landing = await flight.landed(signal);
      signal.throwIfAborted();
      if (landing.kind === 'private' || landing.kind === 'overdue')
        return this.#fetch(reason, key, stale, null);
      if (landing.kind === 'stored') {
        const answer = this.#collapsed(landing, reason);
        if (answer === 'unfit') return this.#fetch(reason, key, stale, null);
        if (answer !== 'other variant') return answer;
        // Only what is written can be found, and by its own key.
        await landing.written;
        look = await this.#look(signal);
      }
    }
  }

  async stale(maxAgeMs: number): Promise<StoredAnswer | null> {
    const { shelf, freshness, status } = this.#parts;
    const { primary, request } = this.#asked;
    const { found } = await shelf.find(primary, request.headers);
    if (found === null || found.ageMs > maxAgeMs) return null;
    if (request.authorized && !found.entry.forAuthorized) return null;
    const ttlMs = freshness.ttlMs(found);
    const isStale = ttlMs <= 0;
    if (isStale && found.entry.neverStale) return null;
    return this.#answer(found, status.hit(ttlMs), isStale);
  }

  /** HEAD brings no answer for others; who insists, or is authorized, wants one of his own. */
  #waits(key: string): boolean {
    const { method, insists, authorized } = this.#asked.request;
    return method === 'GET' && !insists && !authorized && this.#parts.flights.isShared(key);
  }

  async #look(signal: AbortSignal): Promise<Look> {
    const { flights } = this.#parts;
    const landings = flights.landings;
    const look = await this.#lookOnce(signal);
    // What landed meanwhile was not in the store when we asked, and is not in the air any more.
    if (look.standing?.kind === 'hit' || flights.landings === landings) return look;
    return this.#lookOnce(signal);
  }

  async #lookOnce(signal: AbortSignal): Promise<Look> {
    const { shelf, freshness } = this.#parts;
    const { primary, request } = this.#asked;
    const lookup = await shelf.find(primary, request.headers);
    signal.throwIfAborted();
    const standing = lookup.found === null ? null : freshness.standing(lookup.found, request);
    return { ...lookup, standing };
  }

  /** What the fetch that was waited for has brought. */
  #collapsed(
    { entry, vary, variant, at }: StoredLanding,
    reason: ForwardReason,
  ): StoredAnswer | 'other variant' | 'unfit' {
    const { request } = this.#asked;
    if (variantKey('', vary, request.headers) !== variant) return 'other variant';
    const found = { entry, ageMs: entry.ageMs + this.#parts.clock.now() - at };
    const standing = this.#parts.freshness.standing(found, request);
    if (standing.kind !== 'hit') return 'unfit';
    return this.#answer(found, this.#parts.status.collapsed(reason, standing.ttlMs), false);
  }

  #answer({ entry, ageMs }: Found, cacheStatus: string, stale: boolean): StoredAnswer {
    return storedAnswer(entry, this.#asked.request.headers, { ageMs, stale, cacheStatus });
  }

  #fetch(reason: ForwardReason, key: string | null, stale: Found | null, flight: Flight | null): Fetch {
    const confirmable = this.#asked.request.method === 'GET' ? stale : null;
    return new RecordedFetch(this.#parts, this.#asked, { reason, key, stale: confirmable, flight });
  }
}
