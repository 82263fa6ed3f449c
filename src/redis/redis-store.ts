import { createHash } from 'node:crypto';
import { ClientOfflineError } from '@redis/client';
import { type CacheStore, InvalidOptionError, type StoredValue, withTimeout } from '../resilience/index.ts';
import type { RedisClient } from './redis-connection.ts';

export interface RedisStoreOptions {
  /** From a RedisConnection, or one of your own. */
  readonly client: RedisClient;
  /** Before every key; one of its own for each kind of value. @default 'breakwater:cache:' */
  readonly prefix?: string | undefined;
  /** Milliseconds that one command may take, over 0. @default 250 */
  readonly commandTimeoutMs?: number | undefined;
}

/** As it stands in Redis: the value, and for how long it was to be kept when it was stored. */
interface Envelope<V> {
  readonly v: V;
  readonly k: number;
}

/**
 * A cache's values in Redis, as JSON, for several processes together.
 *
 * Every command has a deadline of its own: the client's `timeout` covers only the time until a command is written,
 * not the wait for its reply (@redis/client 6.3), so a server that hangs would hold every caller.
 */
export class RedisStore<V> implements CacheStore<V> {
  readonly #client: RedisClient;
  readonly #prefix: string;
  readonly #commandTimeoutMs: number;

  /** @throws InvalidOptionError */
  constructor(options: RedisStoreOptions) {
    const { client, prefix = 'breakwater:cache:', commandTimeoutMs = 250 } = options;
    if (!(commandTimeoutMs > 0)) {
      throw new InvalidOptionError('commandTimeoutMs', commandTimeoutMs, 'a number over 0');
    }
    this.#client = client;
    this.#prefix = prefix;
    this.#commandTimeoutMs = commandTimeoutMs;
  }

  /** @throws ClientOfflineError, TimeoutError, or what the client throws */
  async get(key: string): Promise<StoredValue<V> | undefined> {
    const name = this.#name(key);
    // Both in one transaction: between two commands the value could be replaced.
    const [json, leftMs] = await this.#bounded(() => this.#client.multi().get(name).pTTL(name).execTyped());
    if (json === null) return undefined;
    const { v: value, k: keepMs } = JSON.parse(String(json)) as Envelope<V>;
    // From the server's own countdown: the clocks of two machines need not agree.
    return { value, ageMs: Math.max(0, keepMs - Number(leftMs)) };
  }

  /** @throws ClientOfflineError, TimeoutError, or what the client throws */
  async set(key: string, value: V, keepMs: number): Promise<void> {
    const envelope: Envelope<V> = { v: value, k: Math.ceil(keepMs) };
    const expiration = { type: 'PX', value: envelope.k } as const;
    await this.#bounded(() => this.#client.set(this.#name(key), JSON.stringify(envelope), { expiration }));
  }

  /** @throws ClientOfflineError, TimeoutError, or what the client throws */
  async delete(key: string): Promise<void> {
    await this.#bounded(() => this.#client.del(this.#name(key)));
  }

  /**
   * A hash of the key, whose parts come with their lengths (cacheKey): short whatever a client sends, without
   * characters that mean something, and nobody's data in the list of keys.
   */
  #name(key: string): string {
    return this.#prefix + createHash('sha256').update(key).digest('base64url');
  }

  async #bounded<T>(command: () => Promise<T>): Promise<T> {
    // Transactions do not heed `disableOfflineQueue` (@redis/client 6.3): they would wait for the server.
    if (!this.#client.isReady) throw new ClientOfflineError();
    return await withTimeout(command, this.#commandTimeoutMs);
  }
}
