import { randomBytes } from 'node:crypto';
import type { HeaderList } from '../../http/message.ts';
import type { CacheStore } from '../../resilience/index.ts';
import { variantKey } from './cache-keys.ts';
import { type ChangeMarks, NO_MARKS } from './change-marks.ts';
import type { Found } from './freshness.ts';
import type { StoredEntry, StoredResponse } from './stored-entry.ts';

export interface Lookup {
  /** What fetches are shared by: the variant's key when it is known how the answers vary, else the resource's. */
  readonly key: string;
  readonly found: Found | null;
  /** What is missing when nothing was found (RFC 9211 §2.2). */
  readonly miss: 'uri-miss' | 'vary-miss';
}

/** An answer, and what of its request it was chosen by. */
export interface Shelved {
  readonly entry: StoredResponse;
  readonly vary: readonly string[];
  readonly keepMs: number;
  readonly asking: HeaderList;
}

/** An index outlives its variants, whose times differ; milliseconds. */
const INDEX_KEEP_MS = 7 * 24 * 60 * 60 * 1000;

/** Answers in the store, found by a resource's key and, where they vary, by the request's fields (RFC 9111 §4.1). */
export class Shelf {
  readonly #store: CacheStore<StoredEntry>;
  readonly #onError: ((error: unknown) => void) | undefined;

  readonly #marks: ChangeMarks;

  /**
   * @param onError told when the store fails; a request then goes on as if nothing were there
   * @param marks told of everything that is forgotten
   */
  constructor(
    store: CacheStore<StoredEntry>,
    onError: ((error: unknown) => void) | undefined,
    marks: ChangeMarks = NO_MARKS,
  ) {
    this.#store = store;
    this.#onError = onError;
    this.#marks = marks;
  }

  /** Never rejects. */
  async find(primary: string, asking: HeaderList): Promise<Lookup> {
    const first = await this.#get(primary);
    if (first === undefined) return { key: primary, found: null, miss: 'uri-miss' };
    if (first.entry.kind === 'response') {
      return { key: primary, found: { entry: first.entry, ageMs: first.ageMs }, miss: 'uri-miss' };
    }
    const key = variantKey(first.entry.generation, first.entry.vary, asking);
    const variant = await this.#get(key);
    if (variant?.entry.kind !== 'response') return { key, found: null, miss: 'vary-miss' };
    return { key, found: { entry: variant.entry, ageMs: variant.ageMs }, miss: 'vary-miss' };
  }

  /**
   * Never rejects.
   *
   * @param isCurrent false once the answer must not be stored any more
   */
  async put(
    primary: string,
    { entry, vary, keepMs, asking }: Shelved,
    isCurrent: () => boolean,
  ): Promise<void> {
    if (vary.length === 0) {
      await this.#write(primary, entry, keepMs, isCurrent);
      return;
    }
    const before = (await this.#get(primary))?.entry;
    const same = before?.kind === 'index' && before.vary.join() === vary.join();
    const generation = same ? before.generation : randomBytes(16).toString('base64url');
    await this.#guarded(() => this.#store.set(variantKey(generation, vary, asking), entry, keepMs));
    // Without its index the variant cannot be found.
    if (!isCurrent()) return;
    const index: StoredEntry = { kind: 'index', vary, generation };
    await this.#write(primary, index, Math.max(keepMs, INDEX_KEEP_MS), isCurrent);
  }

  /** Another thread may see a change between the question whether to store and the storing. */
  async #write(primary: string, entry: StoredEntry, keepMs: number, isCurrent: () => boolean): Promise<void> {
    const written = this.#guarded(() => this.#store.set(primary, entry, keepMs));
    // At once, before others find it under a mark that is newer than the answer.
    if (!isCurrent()) this.#marks.changed(primary);
    await written;
    if (!isCurrent()) await this.forget(primary);
  }

  /** Forgets the answer, or all its variants. Never rejects. */
  async forget(primary: string): Promise<void> {
    this.#marks.changed(primary);
    await this.#guarded(() => this.#store.delete(primary));
  }

  async #get(key: string): Promise<{ entry: StoredEntry; ageMs: number } | undefined> {
    const stored = await this.#guarded(() => this.#store.get(key));
    if (stored === undefined) return undefined;
    const { value: entry, ageMs } = stored;
    return { entry, ageMs: entry.kind === 'response' ? entry.ageMs + ageMs : ageMs };
  }

  async #guarded<T>(use: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await use();
    } catch (error) {
      try {
        this.#onError?.(error);
      } catch {
        // A listener is no part of the request.
      }
      return undefined;
    }
  }
}
