import { type Collection, MongoClient, MongoServerError } from 'mongodb';
import { EmailTakenError, type User, type UserStore } from './user-store.ts';

type UserDocument = Omit<User, 'id'> & { readonly _id: string };

/** MongoDB's DuplicateKey. */
const DUPLICATE_KEY = 11_000;

export interface MongoUserStoreOptions {
  /** `mongodb://` or `mongodb+srv://`; the database in its path, `auth` when there is none. */
  readonly url: string;
  /** Milliseconds that one call may take. */
  readonly timeoutMs: number;
}

/**
 * Users in MongoDB. Nothing is connected before the first call, so that the service starts while the
 * database is down.
 *
 * The limits here free the driver's sockets and the server from calls that nobody waits for any more. They
 * add up when several strike in one call, so the caller sets its own deadline beside them.
 */
export class MongoUserStore implements UserStore {
  readonly #client: MongoClient;
  readonly #users: Collection<UserDocument>;
  readonly #timeoutMs: number;
  #index: Promise<unknown> | null = null;

  constructor({ url, timeoutMs }: MongoUserStoreOptions) {
    this.#timeoutMs = timeoutMs;
    this.#client = new MongoClient(url, {
      appName: 'auth-service',
      // A little less than the call's deadline, so that the driver's error, which names the cause, wins.
      serverSelectionTimeoutMS: Math.ceil(timeoutMs * 0.9),
      connectTimeoutMS: timeoutMs,
      socketTimeoutMS: timeoutMs,
      waitQueueTimeoutMS: timeoutMs,
      // Finds out within seconds, not the default ten, that a server is back.
      heartbeatFrequencyMS: 2_000,
      maxPoolSize: 20,
    });
    this.#users = this.#client.db(databaseIn(url)).collection('users');
  }

  async insert({ id, ...rest }: User): Promise<void> {
    const users = await this.#connected();
    await this.#ensureIndex();
    try {
      await users.insertOne({ _id: id, ...rest }, { maxTimeMS: this.#timeoutMs });
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) throw new EmailTakenError(error);
      throw error;
    }
  }

  async findByEmail(email: string): Promise<User | null> {
    const users = await this.#connected();
    return toUser(await users.findOne({ email }, { maxTimeMS: this.#timeoutMs }));
  }

  async findById(id: string): Promise<User | null> {
    const users = await this.#connected();
    return toUser(await users.findOne({ _id: id }, { maxTimeMS: this.#timeoutMs }));
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /**
   * Without this, a client whose very first connection fails answers "Topology is closed" for ever. Once it
   * has been connected, this is a look at a field, and the driver reconnects by itself.
   */
  async #connected(): Promise<Collection<UserDocument>> {
    await this.#client.connect();
    return this.#users;
  }

  /** No user is written before the index that keeps emails unique exists; a failure is tried again. */
  async #ensureIndex(): Promise<void> {
    this.#index ??= this.#users.createIndex({ email: 1 }, { unique: true, maxTimeMS: this.#timeoutMs });
    try {
      await this.#index;
    } catch (error) {
      this.#index = null;
      throw error;
    }
  }
}

function databaseIn(url: string): string {
  return /^[^/]+\/\/[^/]*\/([^?]+)/.exec(url)?.[1] ?? 'auth';
}

function toUser(document: UserDocument | null): User | null {
  if (!document) return null;
  const { _id, ...rest } = document;
  return { id: _id, ...rest };
}
