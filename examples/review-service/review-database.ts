import { DatabaseSync } from 'node:sqlite';
import type { CallOptions, CircuitBreaker } from '../../src/resilience/index.ts';
import type { ClientManager } from './client-manager.ts';

export interface Review {
  readonly id: string;
  readonly course: string;
  readonly stars: number;
  readonly text: string;
}

/** Reviews in SQL, behind the breaker `database`. */
export class ReviewDatabase {
  readonly #sql: DatabaseSync;
  readonly #breaker: CircuitBreaker;

  /** @param path of the database file; `:memory:` for one that goes with the process */
  constructor(path: string, manager: ClientManager) {
    this.#sql = new DatabaseSync(path);
    this.#sql.exec(
      'CREATE TABLE IF NOT EXISTS reviews (id TEXT PRIMARY KEY, course TEXT, stars INTEGER, text TEXT)',
    );
    this.#breaker = manager.register('database', () => this.#sql.prepare('SELECT 1').get());
  }

  /** @throws BreakerOpenError, or the error of the database */
  save(review: Review, options?: CallOptions): Promise<void> {
    return this.#breaker.execute(() => {
      this.#sql
        .prepare('INSERT OR REPLACE INTO reviews VALUES (?, ?, ?, ?)')
        .run(review.id, review.course, review.stars, review.text);
    }, options);
  }

  /** @throws BreakerOpenError, or the error of the database */
  ofCourse(course: string, options?: CallOptions): Promise<Review[]> {
    return this.#breaker.execute(
      () =>
        this.#sql
          .prepare('SELECT id, course, stars, text FROM reviews WHERE course = ? ORDER BY id')
          .all(course) as unknown as Review[],
      options,
    );
  }

  close(): void {
    this.#sql.close();
  }
}
