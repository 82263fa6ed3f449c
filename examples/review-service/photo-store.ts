import type { CallOptions, CircuitBreaker } from '../../src/resilience/index.ts';
import type { ClientManager } from './client-manager.ts';

/** The object store answered with an error. */
export class ObjectStoreError extends Error {
  override readonly name = 'ObjectStoreError';
  readonly status: number;

  constructor(status: number, key: string) {
    super(`The object store answered ${status} for ${key}`);
    this.status = status;
  }
}

/** No key of a photo: it would lead out of the bucket, or be the bucket itself. */
export class PhotoKeyError extends Error {
  override readonly name = 'PhotoKeyError';
}

/** Photos in an object store that speaks HTTP (`PUT` and `GET` of `/{bucket}/{key}`), behind `object-store`. */
export class PhotoStore {
  readonly #bucketUrl: string;
  readonly #breaker: CircuitBreaker;

  /** Not pinged: every request to an object store costs money. */
  constructor(bucketUrl: string, manager: ClientManager) {
    this.#bucketUrl = bucketUrl;
    this.#breaker = manager.register('object-store');
  }

  /** @throws PhotoKeyError, BreakerOpenError, TimeoutError, ObjectStoreError */
  async put(key: string, photo: Uint8Array<ArrayBuffer>, options?: CallOptions): Promise<void> {
    const url = this.#url(key);
    await this.#breaker.execute(async (signal) => {
      const response = await fetch(url, { method: 'PUT', body: photo, signal });
      await response.body?.cancel();
      if (!response.ok) throw new ObjectStoreError(response.status, key);
    }, options);
  }

  /** @throws PhotoKeyError, BreakerOpenError, TimeoutError, ObjectStoreError */
  async get(key: string, options?: CallOptions): Promise<Uint8Array | undefined> {
    const url = this.#url(key);
    return this.#breaker.execute(async (signal) => {
      const response = await fetch(url, { signal });
      if (response.ok) return response.bytes();
      await response.body?.cancel();
      // A photo that is not there is an answer.
      if (response.status === 404) return undefined;
      throw new ObjectStoreError(response.status, key);
    }, options);
  }

  #url(key: string): string {
    // Everything else is escaped into one segment; dots are not, and even `%2e%2e` is a dot segment to `fetch` (WHATWG
    // URL §4.1), which resolves it before it asks.
    if (key === '' || key === '.' || key === '..')
      throw new PhotoKeyError(`"${key}" cannot be a photo's key`);
    return `${this.#bucketUrl}/${encodeURIComponent(key)}`;
  }
}
