import { Bulkhead, BulkheadFullError, BulkheadQueueTimeoutError } from '../../src/resilience/index.ts';
import { ServiceError } from '../shared/service-error.ts';
import { hashPassword, verifyPassword } from './password.ts';

/**
 * Hashes few passwords at a time: each takes 19 to 32 MiB and a thread of libuv's pool (4 threads, which the
 * whole process shares), so that a crowd of logins costs waiting, not memory.
 */
const LIMITS = { maxConcurrent: 3, queue: 64, queueTimeoutMs: 5_000 };

export class PasswordHasher {
  readonly #bulkhead = new Bulkhead({ name: 'password-hashing', ...LIMITS });
  readonly #nobody: string;

  /** @param nobody a hash that no password matches, of the cost that a user's has */
  constructor(nobody: string) {
    this.#nobody = nobody;
  }

  /** @throws ServiceError 429 OVERLOADED when too many are waiting */
  hash(password: string): Promise<string> {
    return this.#bounded(() => hashPassword(password));
  }

  /**
   * Takes as long for an unknown user as for a known one, so that the time does not tell who is registered.
   *
   * @param encoded null: there is no such user
   * @throws ServiceError 429 OVERLOADED when too many are waiting
   */
  verify(password: string, encoded: string | null): Promise<boolean> {
    return this.#bounded(async () => {
      const matches = await verifyPassword(password, encoded ?? this.#nobody);
      return matches && encoded !== null;
    });
  }

  async #bounded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#bulkhead.execute(work);
    } catch (error) {
      if (!(error instanceof BulkheadFullError || error instanceof BulkheadQueueTimeoutError)) throw error;
      // 429 and not 503: a flood of logins must not look like a broken service to the gateway's breaker,
      // which would then refuse the requests that need no hashing too.
      throw new ServiceError(429, 'OVERLOADED', 'Too many logins at once; try again shortly', {
        headers: { 'retry-after': '1' },
        cause: error,
      });
    }
  }
}
