import { RedisConnection, RedisStore } from '../../src/redis/index.ts';
import { type CircuitBreaker, cacheKey } from '../../src/resilience/index.ts';
import type { ClientManager } from './client-manager.ts';
import type { Review } from './review-database.ts';

const KEEP_MS = 10 * 60_000;

/** Reviews by course in Redis, behind the breaker `cache`, which absorbs every error: nothing here ever throws. */
export class ReviewCache {
  readonly connection: RedisConnection;
  readonly #store: RedisStore<readonly Review[]>;
  readonly #breaker: CircuitBreaker;

  constructor(url: string, manager: ClientManager) {
    this.connection = new RedisConnection({ url });
    this.#store = new RedisStore({ client: this.connection.client, prefix: 'reviews:' });
    this.#breaker = manager.register('cache', () => this.connection.client.ping());
  }

  /** Undefined: not there, or the cache cannot say. */
  async ofCourse(course: string): Promise<readonly Review[] | undefined> {
    const found = await this.#breaker.execute(() => this.#store.get(cacheKey(course)));
    return found?.value;
  }

  async keep(course: string, reviews: readonly Review[]): Promise<void> {
    await this.#breaker.execute(() => this.#store.set(cacheKey(course), reviews, KEEP_MS));
  }

  async forget(course: string): Promise<void> {
    await this.#breaker.execute(() => this.#store.delete(cacheKey(course)));
  }

  close(): void {
    this.connection.close();
  }
}
