import type { DatabaseSync } from 'node:sqlite';
import { EmailTakenError, type User, type UserStore } from './user-store.ts';

/** SQLITE_CONSTRAINT_UNIQUE, https://www.sqlite.org/rescode.html */
const CONSTRAINT_UNIQUE = 2067;

/** The embedded default: users in a SQLite database. */
export class SqliteUserStore implements UserStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(`CREATE TABLE IF NOT EXISTS users (
      id TEXT PRIMARY KEY,
      email TEXT NOT NULL UNIQUE,
      name TEXT,
      password_hash TEXT NOT NULL,
      created_at TEXT NOT NULL
    ) STRICT`);
  }

  async insert(user: User): Promise<void> {
    const statement = this.#database.prepare(
      'INSERT INTO users (id, email, name, password_hash, created_at) VALUES (?, ?, ?, ?, ?)',
    );
    try {
      statement.run(user.id, user.email, user.name, user.password_hash, user.created_at);
    } catch (error) {
      if ((error as { errcode?: number }).errcode === CONSTRAINT_UNIQUE) throw new EmailTakenError(error);
      throw error;
    }
  }

  async findByEmail(email: string): Promise<User | null> {
    return toUser(this.#database.prepare('SELECT * FROM users WHERE email = ?').get(email));
  }

  async findById(id: string): Promise<User | null> {
    return toUser(this.#database.prepare('SELECT * FROM users WHERE id = ?').get(id));
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}

function toUser(row: Record<string, unknown> | undefined): User | null {
  if (!row) return null;
  return {
    id: String(row.id),
    email: String(row.email),
    name: row.name === null ? null : String(row.name),
    password_hash: String(row.password_hash),
    created_at: String(row.created_at),
  };
}
