import type CachePolicy from 'http-cache-semantics';
import { firstValue } from '../../http/field-names.ts';
import type { HeaderList } from '../../http/message.ts';
import type { Clock } from '../../resilience/index.ts';
import { type CacheControl, parseCacheControl, writeCacheControl } from './cache-control.ts';
import { varyFields } from './cache-keys.ts';
import type { CacheRequest } from './cache-request.ts';
import { fieldsThat } from './fields.ts';
import { type PolicyClass, policyOn } from './policy-on.ts';
import type { StoredResponse } from './stored-entry.ts';

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly headers: HeaderList;
}

/** An answer that may be stored, but for its body. */
export interface Storable {
  readonly entry: Omit<StoredResponse, 'body'>;
  readonly vary: readonly string[];
  /** Freshness left, in milliseconds; 0 or less: it has to be confirmed before each use. */
  readonly freshMs: number;
  /** Milliseconds for which it is worth to be kept. */
  readonly keepMs: number;
}

export interface JudgeOptions {
  /** Freshness of an answer that has none of its own; null: heuristics (RFC 9111 §4.2.2). */
  readonly ttlMs: number | null;
  /** Age up to which a fallback may want it. */
  readonly staleMs: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The last moment that a Date can be; an upstream may say that it is there already. */
const LAST_DAY_MS = 8.64e15;

/** RFC 9110 §15.1, but 206: parts are not stored. */
const CACHEABLE_BY_DEFAULT: ReadonlySet<number> = new Set([
  200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501,
]);

/**
 * They tell of how it was asked, as 405 does after an X-HTTP-Method-Override that is in no key: without the
 * upstream's own word, neither a route's `ttl` nor a fallback gives one client's mistake to all others.
 */
const OF_THE_REQUEST: ReadonlySet<number> = new Set([405, 414, 501]);

/** What decides whether an answer may be stored. */
const STORING = [
  'no-store',
  'private',
  'public',
  'no-cache',
  'max-age',
  's-maxage',
  'must-revalidate',
] as const;

/**
 * What decides how long it is fresh. http-cache-semantics never serves a `must-revalidate` or `proxy-revalidate`
 * without asking, though they mean stale answers only (RFC 9111 §5.2.2.2), and counts a bare `immutable` as a day.
 */
const FRESHNESS = ['public', 'no-cache', 'max-age', 's-maxage'] as const;

/** Says of an answer whether a shared cache may store it (RFC 9111 §3), and how long it is fresh (§4.2). */
export class ResponseJudge {
  readonly #clock: Clock;
  readonly #Policy: PolicyClass;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#Policy = policyOn(clock);
  }

  /**
   * @param delayMs from the request to the answer's head (RFC 9111 §4.2.3)
   * @returns null when it may not be stored, or nothing could be done with it
   */
  judge(
    request: Pick<CacheRequest, 'authorized'>,
    { status, reason, headers }: ResponseHead,
    delayMs: number,
    { ttlMs, staleMs }: JudgeOptions,
  ): Storable | null {
    const directives = parseCacheControl(headers);
    const vary = varyFields(headers);
    // A cookie is for one client (RFC 9111 §7.3), and nobody can tell which of the answers was made with it.
    if (vary === null || firstValue(headers, 'set-cookie') !== undefined) return null;
    const storing = this.#policy(status, headers, writeCacheControl(directives, STORING), request.authorized);
    if (!storing.storable()) return null;

    const kept = keptFields(headers, this.#clock.wallNow());
    const policy = this.#freshness(status, kept, directives, ttlMs);
    const ageMs = initialAgeMs(headers, this.#clock.wallNow(), delayMs);
    const neverStale = ['must-revalidate', 'proxy-revalidate', 's-maxage'].some((name) =>
      directives.has(name),
    );
    const noCache = policy.toObject().rescc['no-cache'] !== undefined;
    const lifetimeMs = policy.maxAge() * 1000;
    if (OF_THE_REQUEST.has(status) && lifetimeMs <= 0) return null;
    const validated =
      firstValue(headers, 'etag') !== undefined || firstValue(headers, 'last-modified') !== undefined;
    const untilMs = Math.max(lifetimeMs + (validated ? DAY_MS : 0), neverStale || noCache ? 0 : staleMs);
    const keepMs = untilMs - ageMs;
    if (!(keepMs > 0)) return null;
    return {
      entry: {
        kind: 'response',
        status,
        reason,
        headers: kept,
        ageMs,
        policy: policy.toObject(),
        forAuthorized: ['public', 's-maxage', 'must-revalidate'].some((name) => directives.has(name)),
        neverStale: neverStale || noCache,
      },
      vary,
      freshMs: lifetimeMs - ageMs,
      keepMs,
    };
  }

  #freshness(
    status: number,
    headers: HeaderList,
    directives: CacheControl,
    ttlMs: number | null,
  ): CachePolicy {
    const cacheControl = writeCacheControl(directives, FRESHNESS);
    const policy = this.#policy(status, headers, cacheControl, false);
    const explicit =
      directives.has('max-age') || directives.has('s-maxage') || firstValue(headers, 'expires') !== undefined;
    if (explicit || !CACHEABLE_BY_DEFAULT.has(status)) return policy;
    // A tenth of a file's age can be years; no more than a day without anybody's word.
    const ownMs = OF_THE_REQUEST.has(status) ? null : ttlMs;
    const chosenMs = ownMs ?? Math.min(policy.maxAge() * 1000, DAY_MS);
    const expires = new Date(Math.min(policy.date() + chosenMs, LAST_DAY_MS)).toISOString();
    return this.#policy(status, [...headers, 'expires', expires], cacheControl, false);
  }

  #policy(
    status: number,
    headers: HeaderList,
    cacheControl: string | undefined,
    authorized: boolean,
  ): CachePolicy {
    const request: CachePolicy.Headers = Object.create(null);
    if (authorized) request.authorization = 'yes';
    const response: CachePolicy.Headers = Object.create(null);
    for (const name of ['date', 'expires', 'last-modified', 'pragma']) {
      const value = firstValue(headers, name);
      if (value !== undefined) response[name] = value;
    }
    if (cacheControl !== undefined) response['cache-control'] = cacheControl;
    // An empty or unknown Cache-Control is one all the same: Pragma does not count beside it (RFC 9111 §5.4).
    else if (firstValue(headers, 'cache-control') !== undefined) delete response.pragma;
    return new this.#Policy({ method: 'GET', headers: request }, { status, headers: response });
  }
}

/** RFC 9111 §4.2.3, in milliseconds. Date has whole seconds only, so less than one of difference says nothing. */
function initialAgeMs(headers: HeaderList, now: number, delayMs: number): number {
  const date = Date.parse(firstValue(headers, 'date') ?? '');
  const apparentMs = Number.isFinite(date) ? Math.max(0, Math.floor((now - date) / 1000) * 1000) : 0;
  const age = firstValue(headers, 'age')?.split(',', 1)[0]?.trim() ?? '';
  const ageMs = /^[0-9]{1,10}$/.test(age) ? Number(age) * 1000 : 0;
  return Math.max(apparentMs, ageMs + delayMs);
}

/** What is stored: Age is computed anew, Date is added where it is missing (RFC 9110 §6.6.1). */
function keptFields(headers: HeaderList, now: number): string[] {
  let dated = false;
  const kept = fieldsThat(headers, (name, value) => {
    if (name === 'date') {
      if (dated || !Number.isFinite(Date.parse(value))) return false;
      dated = true;
    }
    // RFC 7234 §4.3.4: warnings 1xx tell of one moment's freshness.
    return name !== 'age' && !(name === 'warning' && /(^|,)\s*1[0-9]{2}\b/.test(value));
  });
  if (!dated) kept.push('Date', new Date(now).toUTCString());
  return kept;
}
