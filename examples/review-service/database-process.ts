import type { IncomingMessage } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { serveProcess } from './serve-process.ts';

/**
 * Reviews over HTTP, in the SQL file `DATABASE`: `GET` and `POST /reviews/{course}`, `GET /summaries/{course}`, counted
 * anew each time, and `GET /ping`.
 */

const sql = new DatabaseSync(process.env.DATABASE ?? ':memory:');
sql.exec('CREATE TABLE IF NOT EXISTS reviews (course TEXT, stars INTEGER, text TEXT)');

serveProcess(async (request, response) => {
  const [status, json] = await answer(request);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
});

async function answer(request: IncomingMessage): Promise<[number, unknown]> {
  const [, kind, course = ''] = (request.url ?? '').split('/');
  if (kind === 'ping') return [200, sql.prepare('SELECT 1 AS pong').get()];
  if (kind === 'summaries') {
    const counted = sql.prepare(
      'SELECT COUNT(*) AS reviews, AVG(stars) AS stars FROM reviews WHERE course = ?',
    );
    return [200, counted.get(course)];
  }
  if (kind !== 'reviews') return [404, { error: 'not found' }];
  if (request.method === 'POST') {
    const { stars, text } = JSON.parse(Buffer.concat(await request.toArray()).toString());
    sql.prepare('INSERT INTO reviews VALUES (?, ?, ?)').run(course, Number(stars), String(text));
    return [201, { course, stars, text }];
  }
  return [200, sql.prepare('SELECT stars, text FROM reviews WHERE course = ?').all(course)];
}
