import type CachePolicy from 'http-cache-semantics';
import type { Clock } from '../../resilience/index.ts';
import { writeCacheControl } from './cache-control.ts';
import type { CacheRequest } from './cache-request.ts';
import { type PolicyClass, policyOn } from './policy-on.ts';
import type { StoredResponse } from './stored-entry.ts';

/** A stored answer, and how old it is now (RFC 9111 §4.2.3). */
export interface Found {
  readonly entry: StoredResponse;
  readonly ageMs: number;
}

/** How a stored answer stands to a request. */
export interface Standing {
  /** `hit`: it may answer. `stale`; `request`: the request wants more than it is; `bypass`: it is not for this one. */
  readonly kind: 'hit' | 'stale' | 'request' | 'bypass';
  /** Freshness left; negative when stale. */
  readonly ttlMs: number;
}

/**
 * What a client's wish can change. `max-stale` is not among them: no cache has to heed it, and http-cache-semantics
 * would serve what must never be stale (RFC 9111 §4.2.4).
 */
const WISHES = ['no-cache', 'max-age', 'min-fresh'] as const;

/** Compares stored answers with the time and with requests (RFC 9111 §4). */
export class Freshness {
  readonly #clock: Clock;
  readonly #Policy: PolicyClass;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#Policy = policyOn(clock);
  }

  standing(found: Found, request: CacheRequest): Standing {
    const policy = this.#policy(found);
    const ttlMs = ttlOf(policy);
    if (request.authorized && !found.entry.forAuthorized) return { kind: 'bypass', ttlMs };
    const headers: CachePolicy.Headers = Object.create(null);
    const wishes = writeCacheControl(request.cacheControl, WISHES);
    if (wishes !== undefined) headers['cache-control'] = wishes;
    if (request.pragma !== undefined) headers.pragma = request.pragma.toLowerCase();
    if (policy.satisfiesWithoutRevalidation({ method: 'GET', headers })) return { kind: 'hit', ttlMs };
    return { kind: policy.stale() ? 'stale' : 'request', ttlMs };
  }

  ttlMs(found: Found): number {
    return ttlOf(this.#policy(found));
  }

  /** By the age that was counted, not by the clock of the machine that stored it, which may be another one. */
  #policy({ entry, ageMs }: Found): CachePolicy {
    return this.#Policy.fromObject({ ...entry.policy, t: this.#clock.wallNow() - ageMs });
  }
}

function ttlOf(policy: CachePolicy): number {
  return (policy.maxAge() - policy.age()) * 1000;
}
