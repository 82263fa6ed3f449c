import CachePolicy from 'http-cache-semantics';
import { isFieldValue, isToken } from '../../http/field-names.ts';
import type { CacheStore, StoredValue } from '../../resilience/index.ts';
import type { StoredEntry, StoredIndex, StoredResponse } from './stored-entry.ts';

/** An entry as JSON can hold it: the body in base64. */
export type EncodedEntry = StoredIndex | (Omit<StoredResponse, 'body'> & { readonly body: string });

/** Entries in a store that keeps JSON, such as Redis. */
export class EncodedStore implements CacheStore<StoredEntry> {
  readonly #store: CacheStore<EncodedEntry>;

  constructor(store: CacheStore<EncodedEntry>) {
    this.#store = store;
  }

  /** @throws what the store throws; TypeError when what it has is no entry */
  async get(key: string): Promise<StoredValue<StoredEntry> | undefined> {
    const stored = await this.#store.get(key);
    return stored === undefined ? undefined : { value: decoded(stored.value), ageMs: stored.ageMs };
  }

  /** @throws what the store throws */
  async set(key: string, value: StoredEntry, keepMs: number): Promise<void> {
    const encoded = value.kind === 'index' ? value : { ...value, body: value.body.toString('base64') };
    await this.#store.set(key, encoded, keepMs);
  }

  /** @throws what the store throws */
  async delete(key: string): Promise<void> {
    await this.#store.delete(key);
  }
}

/** Others can write to that store too: what could not be sent, or would break the policy, counts as not there. */
function decoded(entry: EncodedEntry): StoredEntry {
  if (entry?.kind === 'index') {
    if (isTexts(entry.vary) && typeof entry.generation === 'string') return entry;
  } else if (entry?.kind === 'response' && isResponse(entry)) {
    return { ...entry, body: Buffer.from(entry.body, 'base64') };
  }
  throw new TypeError('The store has something under this key that is no answer.');
}

function isResponse(entry: EncodedEntry & { readonly kind: 'response' }): boolean {
  const { status, reason, headers, body, ageMs, policy, forAuthorized, neverStale } = entry;
  return (
    Number.isInteger(status) &&
    status >= 200 &&
    status <= 599 &&
    typeof reason === 'string' &&
    isFieldValue(reason) &&
    isTexts(headers) &&
    headers.length % 2 === 0 &&
    headers.every((text, at) => (at % 2 === 0 ? isToken(text) : isFieldValue(text))) &&
    typeof body === 'string' &&
    Number.isFinite(ageMs) &&
    typeof forAuthorized === 'boolean' &&
    typeof neverStale === 'boolean' &&
    isPolicy(policy)
  );
}

/** The library says so by not throwing; later, it would throw into a request. */
function isPolicy(policy: CachePolicy.CachePolicyObject): boolean {
  try {
    CachePolicy.fromObject(policy).satisfiesWithoutRevalidation({ headers: {} });
    return true;
  } catch {
    return false;
  }
}

function isTexts(list: unknown): list is readonly string[] {
  return Array.isArray(list) && list.every((each) => typeof each === 'string');
}
