import { firstValue } from '../../http/field-names.ts';
import type { HeaderList } from '../../http/message.ts';
import { variantKey } from './cache-keys.ts';
import type { Asked, CacheParts } from './cache-parts.ts';
import type { ForwardReason } from './cache-status.ts';
import type { Fetch } from './fetch.ts';
import { fieldsThat } from './fields.ts';
import type { Flight, Landing } from './flight.ts';
import type { Found } from './freshness.ts';
import type { Outdatable } from './open-fetches.ts';
import { Recording } from './recording.ts';
import type { Storable } from './response-judge.ts';
import { conditionFor, freshened } from './revalidation.ts';
import { type StoredAnswer, storedAnswer } from './stored-answer.ts';
import type { StoredResponse } from './stored-entry.ts';

export interface FetchReason {
  readonly reason: ForwardReason;
  /** What fetches are shared by; null: nobody looked. */
  readonly key: string | null;
  /** For whom others wait; null: nobody may. */
  readonly flight: Flight | null;
  /** What can be confirmed. */
  readonly stale: Found | null;
}

/** An answer that may be stored, while its body comes in. */
interface Coming {
  readonly storable: Storable;
  readonly recording: Recording;
  readonly announced: string | undefined;
  readonly headAt: number;
}

/**
 * The body comes as fast as the one client takes it that it is fetched for, so nobody else waits long for the rest of
 * it; milliseconds.
 */
const BODY_WAIT_MS = 1000;

/** A fetch that stores what it may. */
export class RecordedFetch implements Fetch, Outdatable {
  readonly kind = 'fetch';
  readonly conditional: HeaderList | null;
  readonly cacheStatus: string;
  readonly #parts: CacheParts;
  readonly #asked: Asked;
  readonly #why: FetchReason;
  readonly #startedAt: number;
  #coming: Coming | null = null;
  #over = false;
  readonly #mark: number;
  #told = false;

  constructor(parts: CacheParts, asked: Asked, why: FetchReason) {
    this.#parts = parts;
    this.#asked = asked;
    this.#why = why;
    this.#startedAt = parts.clock.now();
    this.#mark = parts.marks.of(asked.primary);
    this.conditional = why.stale === null ? null : conditionFor(why.stale.entry.headers);
    this.cacheStatus = parts.status.forward(why.reason);
    parts.open.add(asked.primary, this);
  }

  head(status: number, reason: string, headers: HeaderList): StoredAnswer | null {
    if (this.#over) return null;
    const { stale } = this.#why;
    if (status === 304 && stale !== null && this.conditional !== null) return this.#confirmed(stale, headers);
    const storable = this.#judge(status, reason, headers);
    if (storable === null) {
      if (this.#supersedes(status)) void this.#parts.shelf.forget(this.#asked.primary);
      this.#letGo(status);
      return null;
    }
    const announced = firstValue(headers, 'content-length');
    if (this.#outdated || Number(announced ?? 0) > this.#parts.maxEntryBytes) {
      this.#letGo(status);
      return null;
    }
    // Who waits could not use it: it would have to be asked for again.
    if (storable.freshMs <= 0) this.#letGo(status);
    this.#why.flight?.hurry(BODY_WAIT_MS);
    this.#coming = {
      storable,
      recording: new Recording(this.#parts.maxEntryBytes),
      announced,
      headAt: this.#parts.clock.now(),
    };
    return null;
  }

  data(chunk: Buffer): void {
    if (this.#coming === null) return;
    if (!this.#coming.recording.add(chunk)) {
      this.#letGo(this.#coming.storable.entry.status);
      this.#coming = null;
      return;
    }
    // Before the client has the last byte: it may ask next through another worker, which must find what it was told.
    if (this.#coming.announced !== undefined && isComplete(this.#coming)) this.end();
  }

  end(): void {
    if (this.#over) return;
    const coming = this.#coming;
    // RFC 9111 §3.3: what is incomplete is not stored.
    if (coming === null || !isComplete(coming)) {
      this.abandon();
      return;
    }
    const { storable, recording, headAt } = coming;
    const ageMs = storable.entry.ageMs + this.#parts.clock.now() - headAt;
    this.#store({ ...storable.entry, body: recording.body(), ageMs }, storable);
  }

  abandon(): void {
    if (!this.#over) this.#close('abandoned');
  }

  outdate(): void {
    this.#told = true;
    this.#coming = null;
    this.#land({ kind: 'private' });
  }

  /** What it asked for has changed since, as this thread or another one has seen. */
  get #outdated(): boolean {
    return this.#told || this.#parts.marks.of(this.#asked.primary) !== this.#mark;
  }

  /** RFC 9111 §4.3.4. The client gets what is stored, also when that may not stay. */
  #confirmed(before: Found, update: HeaderList): StoredAnswer {
    const { freshness, status, shelf } = this.#parts;
    const { status: code, reason, body } = before.entry;
    const headers = freshened(before.entry.headers, update);
    const storable = headers === null ? null : this.#judge(code, reason, headers);
    let found = before;
    if (storable !== null) {
      found = { entry: { ...storable.entry, body }, ageMs: storable.entry.ageMs };
      this.#store(found.entry, storable);
    } else {
      void shelf.forget(this.#asked.primary);
      if (headers !== null)
        found = {
          entry: { ...before.entry, headers: fieldsThat(headers, (name) => name !== 'age') },
          ageMs: 0,
        };
      this.#close('private');
    }
    return storedAnswer(found.entry, this.#asked.request.headers, {
      ageMs: found.ageMs,
      // A 304 that names another answer confirms nothing, but there is nothing else to send.
      stale: headers === null,
      cacheStatus: status.revalidated(this.#why.reason, freshness.ttlMs(found)),
    });
  }

  #judge(status: number, reason: string, headers: HeaderList): Storable | null {
    const { request, place } = this.#asked;
    // An answer to HEAD has no body that could be stored.
    if (request.method === 'HEAD') return null;
    const delayMs = this.#parts.clock.now() - this.#startedAt;
    return this.#parts.judge.judge(request, { status, reason, headers }, delayMs, place);
  }

  #store(entry: StoredResponse, { vary, keepMs, freshMs }: Storable): void {
    const { clock, flights, shelf, open } = this.#parts;
    const { request, primary } = this.#asked;
    if (this.#outdated) {
      this.#close('private');
      return;
    }
    this.#over = true;
    this.#coming = null;
    const asking = request.headers;
    const written = shelf.put(primary, { entry, vary, keepMs, asking }, () => !this.#outdated);
    const { key, flight } = this.#why;
    if (key !== null && freshMs > 0) flights.setShared(key, true);
    flight?.land({
      kind: 'stored',
      entry,
      vary,
      variant: variantKey('', vary, asking),
      at: clock.now(),
      written,
    });
    void written.then(() => {
      // Not before: who comes until then finds the landed flight, and not an empty store.
      this.#leaveFlight();
      open.delete(primary, this);
    });
  }

  /** Nobody else can have this answer, so nobody need wait for its end. */
  #letGo(status: number): void {
    const { request } = this.#asked;
    const { key } = this.#why;
    if (status >= 500) {
      this.#land({ kind: 'abandoned' });
      return;
    }
    // A 304 to the client's own condition says nothing of the next answer, nor does one to HEAD or to an authorized.
    if (key !== null && status !== 304 && request.method === 'GET' && !request.authorized) {
      this.#parts.flights.setShared(key, false);
    }
    this.#land({ kind: 'private' });
  }

  /**
   * A good answer that may not be stored takes the place of what is. One to an authorized client is that client's, not
   * the resource's.
   */
  #supersedes(status: number): boolean {
    const { method, authorized } = this.#asked.request;
    const { key, stale } = this.#why;
    const mayBeThere = key === null || stale !== null;
    return mayBeThere && method === 'GET' && !authorized && isReplacement(status);
  }

  #close(kind: 'private' | 'abandoned'): void {
    this.#over = true;
    this.#coming = null;
    this.#land({ kind });
    this.#parts.open.delete(this.#asked.primary, this);
  }

  #land(landing: Landing): void {
    this.#leaveFlight();
    this.#why.flight?.land(landing);
  }

  #leaveFlight(): void {
    const { flight, key } = this.#why;
    if (flight !== null && key !== null) this.#parts.flights.remove(key, flight);
  }
}

/** What the resource is now: not an error, nor a part or a confirmation. */
function isReplacement(status: number): boolean {
  return (
    (status >= 200 && status < 400 && status !== 206 && status !== 304) || status === 404 || status === 410
  );
}

function isComplete({ announced, recording }: Coming): boolean {
  return announced === undefined || Number(announced) === recording.length;
}
