import { firstValue } from '../../../../src/http/field-names.ts';
import type { HeaderList, InboundBody } from '../../../../src/http/message.ts';
import type { AskingRequest } from '../../../../src/proxy/cache/cache-request.ts';
import {
  type CachePlace,
  type Fetch,
  type Question,
  ResponseCache,
  type ResponseCacheOptions,
  type StoredAnswer,
  type StoredEntry,
} from '../../../../src/proxy/cache/response-cache.ts';
import { type CacheStore, MemoryStore } from '../../../../src/resilience/index.ts';
import { FakeTime } from '../../../helpers/fake-time.ts';

/** What a test may say of a request; the rest is a plain GET. */
export interface Asking {
  readonly method?: string;
  readonly headers?: HeaderList;
  readonly authority?: string;
  readonly scheme?: 'http' | 'https';
  readonly body?: InboundBody | null;
  readonly upgrade?: 'websocket' | null;
  readonly remoteAddress?: string;
}

export function asking(given: Asking = {}): AskingRequest {
  const { method = 'GET', headers = [], authority = 'shop.example', scheme = 'http' } = given;
  const { body = null, upgrade = null, remoteAddress = '192.0.2.1' } = given;
  const header = (name: string) => firstValue(headers, name);
  return { method, headers, authority, scheme, body, upgrade, remoteAddress, header };
}

/** An upstream's answer. */
export interface Answer {
  readonly status?: number;
  readonly headers?: HeaderList;
  readonly body?: string;
}

/** A cache on a clock that stands still, and the exchange's part in what it does. */
export class CacheKit {
  readonly time = new FakeTime();
  readonly store: CacheStore<StoredEntry>;
  readonly cache: ResponseCache;
  readonly errors: unknown[] = [];
  readonly place: CachePlace;

  constructor(options: Partial<ResponseCacheOptions> & { place?: Partial<CachePlace> } = {}) {
    const { place, ...rest } = options;
    this.store = rest.store ?? new MemoryStore<StoredEntry>({ clock: this.time });
    this.place = { upstream: 'shop', path: '/a', ttlMs: null, serves: true, staleMs: 0, ...place };
    this.cache = new ResponseCache({
      maxEntryBytes: 1000,
      name: 'breakwater',
      clock: this.time,
      timer: this.time,
      onStoreError: (error) => this.errors.push(error),
      ...rest,
      store: this.store,
    });
  }

  /** As an upstream writes it, so many seconds ago. */
  date(secondsAgo = 0): string {
    return new Date(this.time.wallNow() - secondsAgo * 1000).toUTCString();
  }

  question(given: Asking = {}, place: Partial<CachePlace> = {}): Question {
    const question = this.cache.question(asking(given), { ...this.place, ...place });
    if (question === null) throw new Error('the cache has no business with this request');
    return question;
  }

  find(given: Asking = {}, place: Partial<CachePlace> = {}): ReturnType<Question['find']> {
    return this.question(given, place).find(new AbortController().signal);
  }

  /** @throws Error the answer was there already */
  async fetch(given: Asking = {}, place: Partial<CachePlace> = {}): Promise<Fetch> {
    const found = await this.find(given, place);
    if (found.kind !== 'fetch') throw new Error(`not a fetch but ${found.kind}`);
    return found;
  }

  /** Asks, fetches, and gives the upstream's answer; what `head` gave is the result. */
  async answer(
    answer: Answer,
    given: Asking = {},
    place: Partial<CachePlace> = {},
  ): Promise<StoredAnswer | null> {
    return play(await this.fetch(given, place), answer);
  }

  /** What the cache answers with, or null when it wants to fetch; that fetch is abandoned. */
  async hit(given: Asking = {}, place: Partial<CachePlace> = {}): Promise<StoredAnswer | null> {
    const found = await this.find(given, place);
    if (found.kind === 'stored') return found;
    if (found.kind === 'fetch') found.abandon();
    return null;
  }
}

/** The upstream's answer, from its head to its end, and until it is stored. */
export async function play(fetch: Fetch, answer: Answer = {}): Promise<StoredAnswer | null> {
  const { status = 200, headers = [], body = 'body' } = answer;
  const instead = fetch.head(status, 'Reason', headers);
  if (instead === null && body !== '') fetch.data(Buffer.from(body));
  fetch.end();
  await new Promise((resolve) => setImmediate(resolve));
  return instead;
}

export function field(answer: StoredAnswer | null, name: string): string | undefined {
  return answer === null ? undefined : firstValue(answer.headers, name);
}
