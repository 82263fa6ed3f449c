import { randomUUID } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { z } from 'zod';

export type Stored<T> = T & { readonly id: string; readonly created_at: string; readonly updated_at: string };

export interface Page<T> {
  readonly items: readonly Stored<T>[];
  readonly total: number;
}

/** Things of one kind in one table, in the order in which they were made; each a JSON text. */
export class SqliteCollection<T extends object> {
  readonly #schema: z.ZodType<T>;
  readonly #statements: Readonly<
    Record<'list' | 'count' | 'get' | 'insert' | 'replace' | 'remove', StatementSync>
  >;

  /** @param table a fixed name of the program, never a client's text: it becomes part of the SQL */
  constructor(database: DatabaseSync, table: string, schema: z.ZodType<T>) {
    this.#schema = schema;
    database.exec(`CREATE TABLE IF NOT EXISTS ${table} (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      value TEXT NOT NULL,
      created_at TEXT NOT NULL,
      updated_at TEXT NOT NULL
    ) STRICT`);
    this.#statements = {
      list: database.prepare(`SELECT * FROM ${table} ORDER BY seq LIMIT ? OFFSET ?`),
      count: database.prepare(`SELECT count(*) AS total FROM ${table}`),
      get: database.prepare(`SELECT * FROM ${table} WHERE id = ?`),
      insert: database.prepare(
        `INSERT INTO ${table} (id, value, created_at, updated_at) VALUES (?, ?, ?, ?)`,
      ),
      replace: database.prepare(`UPDATE ${table} SET value = ?, updated_at = ? WHERE id = ?`),
      remove: database.prepare(`DELETE FROM ${table} WHERE id = ?`),
    };
  }

  list(limit: number, offset: number): Page<T> {
    const items = this.#statements.list.all(limit, offset).map((row) => this.#read(row));
    return { items, total: Number(this.#statements.count.get()?.total) };
  }

  get(id: string): Stored<T> | null {
    const row = this.#statements.get.get(id);
    return row ? this.#read(row) : null;
  }

  insert(value: T): Stored<T> {
    const id = randomUUID();
    const now = new Date().toISOString();
    this.#statements.insert.run(id, JSON.stringify(value), now, now);
    return { ...value, id, created_at: now, updated_at: now };
  }

  /** Null when there is nothing with this id. */
  replace(id: string, value: T): Stored<T> | null {
    this.#statements.replace.run(JSON.stringify(value), new Date().toISOString(), id);
    return this.get(id);
  }

  /** False when there was nothing with this id. */
  remove(id: string): boolean {
    return this.#statements.remove.run(id).changes > 0;
  }

  /** What an older version of the program wrote must still fit its schema, or the read fails here. */
  #read(row: Record<string, unknown>): Stored<T> {
    const value = this.#schema.parse(JSON.parse(String(row.value)));
    return {
      ...value,
      id: String(row.id),
      created_at: String(row.created_at),
      updated_at: String(row.updated_at),
    };
  }
}
