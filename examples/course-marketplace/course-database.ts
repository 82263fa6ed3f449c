import { DatabaseSync } from 'node:sqlite';
import { serve } from './serve.ts';

/** The courses on sale, from SQL: `GET /courses`, `GET /courses/{id}`, `PUT /courses/{id}`. `DATABASE` is its file. */

const sql = new DatabaseSync(process.env.DATABASE ?? ':memory:');
sql.exec('CREATE TABLE IF NOT EXISTS courses (id TEXT PRIMARY KEY, title TEXT)');
sql.exec("INSERT OR IGNORE INTO courses VALUES ('sailing', 'Sailing'), ('knots', 'Knots')");

serve(({ method, path, json }) => {
  const [, collection, id] = path.split('/');
  if (collection !== 'courses') return { status: 404, json: { error: 'not found' } };
  if (id === undefined) {
    return { status: 200, json: sql.prepare('SELECT id, title FROM courses ORDER BY id').all() };
  }
  if (method === 'PUT') {
    sql.prepare('INSERT OR REPLACE INTO courses VALUES (?, ?)').run(id, String(json.title));
  }
  const course = sql.prepare('SELECT id, title FROM courses WHERE id = ?').get(id);
  return course === undefined
    ? { status: 404, json: { error: 'no such course' } }
    : { status: 200, json: course };
});
