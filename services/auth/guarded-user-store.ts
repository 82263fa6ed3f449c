import type { Dependency } from '../shared/dependency.ts';
import type { User, UserStore } from './user-store.ts';

/** A user store behind the `auth-database` breaker, each call with its deadline. */
export class GuardedUserStore implements UserStore {
  readonly #store: UserStore;
  readonly #database: Dependency;

  constructor(store: UserStore, database: Dependency) {
    this.#store = store;
    this.#database = database;
  }

  insert(user: User): Promise<void> {
    return this.#database.call(() => this.#store.insert(user));
  }

  findByEmail(email: string): Promise<User | null> {
    return this.#database.call(() => this.#store.findByEmail(email));
  }

  findById(id: string): Promise<User | null> {
    return this.#database.call(() => this.#store.findById(id));
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
