import { firstValue } from '../../http/field-names.ts';
import type { HeaderList } from '../../http/message.ts';
import { variantKey } from './cache-keys.ts';
import type { Asked, CacheParts } from './cache-parts.ts';
import type { ForwardReason } from './cache-status.ts';
import type { Fetch } from './fetch.ts';
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
  #outdated = false;

  constructor(parts: CacheParts, asked: Asked, why: FetchReason) {
    this.#parts = parts;
    this.#asked = asked;
    this.#why = why;
    this.#startedAt = parts.clock.now();
    this.conditional = why.stale === null ? null : conditionFor(why.stale.entry.headers);
    this.cacheStatus = parts.status.forward(why.reason);
    parts.open.add(asked.primary, this);
  }

  head(status: number, reason: string, headers: HeaderList): StoredAnswer | null {
    if (this.#over) return null;
    const { stale } = this.#why;
    if (status === 304 && stale !== null && this.conditional !== null) return this.#confirmed(stale, headers);
    const storable = this.#judge(status, reason, headers);
    const announced = firstValue(headers, 'content-length');
    if (storable === null || Number(announced ?? 0) > this.#parts.maxEntryBytes) {
      this.#unshared(status);
      if (storable === null && this.#supersedes(status)) void this.#parts.shelf.forget(this.#asked.primary);
      return null;
    }
    this.#coming = {
      storable,
      recording: new Recording(this.#parts.maxEntryBytes),
      announced,
      headAt: this.#parts.clock.now(),
    };
    return null;
  }

  data(chunk: Buffer): void {
    if (this.#coming === null || this.#coming.recording.add(chunk)) return;
    this.#unshared(this.#coming.storable.entry.status);
    this.#coming = null;
  }

  end(): void {
    if (this.#over) return;
    const coming = this.#coming;
    // RFC 9111 §3.3: what is incomplete is not stored.
    if (coming === null || !isComplete(coming)) return this.abandon();
    const { storable, recording, headAt } = coming;
    const ageMs = storable.entry.ageMs + this.#parts.clock.now() - headAt;
    this.#store({ ...storable.entry, body: recording.body(), ageMs }, storable);
  }

  abandon(): void {
    if (this.#over) return;
    this.#close({ kind: 'abandoned' });
  }

  outdate(): void {
    this.#outdated = true;
    this.#land({ kind: 'private' });
  }

  /** RFC 9111 §4.3.4. The client gets what is stored, also when it may not stay there. */
  #confirmed(stale: Found, update: HeaderList): StoredAnswer {
    const { freshness, status, clock, shelf } = this.#parts;
    const headers = freshened(stale.entry.headers, update);
    const judged = headers === null ? null : this.#judge(stale.entry.status, stale.entry.reason, headers);
    let found: Found = stale;
    if (judged !== null) {
      const entry = { ...judged.entry, body: stale.entry.body };
      found = { entry, ageMs: entry.ageMs };
      this.#store(entry, judged);
    } else {
      if (!this.#asked.request.authorized) void shelf.forget(this.#asked.primary);
      if (headers !== null) found = { entry: { ...stale.entry, headers: withoutAge(headers) }, ageMs: 0 };
      this.#close({ kind: 'private' });
    }
    return storedAnswer(found.entry, this.#asked.request.headers, {
      ageMs: found.ageMs,
      stale: false,
      cacheStatus: status.revalidated(this.#why.reason, freshness.ttlMs(found)),
    });
  }

  #judge(status: number, reason: string, headers: HeaderList): Storable | null {
    const { request, place } = this.#asked;
    // RFC 9111 §4.3.5: an answer to HEAD has no body that could be stored.
    if (request.method === 'HEAD') return null;
    const delayMs = this.#parts.clock.now() - this.#startedAt;
    return this.#parts.judge.judge(request, { status, reason, headers }, delayMs, place);
  }

  #store(entry: StoredResponse, { vary, keepMs }: Storable): void {
    const { clock, flights, shelf } = this.#parts;
    const { request, primary } = this.#asked;
    const asking = request.headers;
    if (this.#outdated) return this.#close({ kind: 'private' });
    const written = shelf.put(primary, { entry, vary, keepMs, asking }, () => !this.#outdated);
    const variant = variantKey('', vary, asking);
    if (this.#why.key !== null) flights.setShared(this.#why.key, true);
    // Who comes before it is written finds the landed flight, and not an empty store.
    this.#close({ kind: 'stored', entry, vary, variant, at: clock.now(), written }, written);
  }

  /** Nobody else can have it, so nobody need wait for its end. */
  #unshared(status: number): void {
    const { flights } = this.#parts;
    const { key } = this.#why;
    // A failure, or a 304 to the client's own condition, says nothing of the next answer.
    if (key !== null && status < 500 && status !== 304 && !this.#asked.request.authorized) {
      flights.setShared(key, false);
    }
    this.#land({ kind: 'private' });
  }

  /** A good answer that may not be stored takes the place of what is; a client's own is not the resource's. */
  #supersedes(status: number): boolean {
    const { request } = this.#asked;
    const replaces =
      (status >= 200 && status < 400 && status !== 206 && status !== 304) || status === 404 || status === 410;
    return replaces && request.method === 'GET' && !request.authorized;
  }

  #close(landing: Landing, written?: Promise<void>): void {
    this.#over = true;
    this.#coming = null;
    const { open } = this.#parts;
    if (written === undefined) {
      this.#land(landing);
      open.delete(this.#asked.primary, this);
      return;
    }
    this.#why.flight?.land(landing);
    void written.finally(() => {
      this.#leaveFlight();
      open.delete(this.#asked.primary, this);
    });
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

function isComplete({ announced, recording }: Coming): boolean {
  return announced === undefined || Number(announced) === recording.length;
}

function withoutAge(headers: HeaderList): string[] {
  const out: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    if ((headers[at] as string).toLowerCase() !== 'age')
      out.push(headers[at] as string, headers[at + 1] as string);
  }
  return out;
}
