import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Opens `<dataDir>/<name>.sqlite`, made when missing and readable by its owner only, or a database in memory.
 *
 * @param dataDir null: in memory, gone with the process
 */
export function openDatabase(dataDir: string | null, name: string): DatabaseSync {
  if (dataDir === null) return new DatabaseSync(':memory:');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(dataDir, `${name}.sqlite`));
  // WAL with NORMAL survives the death of the process; only a power cut may lose the last writes.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 1000');
  return database;
}
