import { DatabaseSync } from 'node:sqlite';
import { courses } from './courses.ts';
import { notFound, readJson, serveJson } from './json-server.ts';

/**
 * Courses and enrolments in an SQLite file. As long as another program holds a lock on the file, as a migration or a
 * copy does, every query fails and is answered 500.
 */

const database = new DatabaseSync(process.env.DATABASE_FILE ?? ':memory:');
database.exec(`
  CREATE TABLE IF NOT EXISTS courses (id TEXT PRIMARY KEY, title TEXT NOT NULL, topic TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS enrolments (id INTEGER PRIMARY KEY, course TEXT NOT NULL REFERENCES courses, student TEXT NOT NULL);
`);
const seed = database.prepare('INSERT OR IGNORE INTO courses (id, title, topic) VALUES (?, ?, ?)');
for (const { id, title, topic } of courses) seed.run(id, title, topic);

const all = database.prepare('SELECT id, title FROM courses ORDER BY id');
const one = database.prepare('SELECT id, title, topic FROM courses WHERE id = ?');
const enrol = database.prepare('INSERT INTO enrolments (course, student) VALUES (?, ?) RETURNING id');

serveJson(9001, async ({ pathname }, request) => {
  if (request.method === 'POST' && pathname === '/enrolments') {
    const { course, student } = await readJson(request);
    if (one.get(String(course)) === undefined) return { status: 422, body: { error: 'no such course' } };
    return { status: 201, body: enrol.get(String(course), String(student)) };
  }
  if (pathname === '/courses') return { status: 200, body: { courses: all.all() } };
  const id = /^\/courses\/([\w-]+)$/.exec(pathname)?.[1];
  const course = id === undefined ? undefined : one.get(id);
  return course === undefined ? notFound : { status: 200, body: course };
});
