import { serveProcess } from './serve-process.ts';

/** Summaries from memory: `GET /summaries/{course}`, at most `KEEP_MS` old, from the database at `DATABASE_URL`. */

const keepMs = Number(process.env.KEEP_MS ?? 1000);
const kept = new Map<string, { readonly text: string; readonly until: number }>();

serveProcess(async (request, response) => {
  const path = request.url ?? '';
  try {
    const text = path === '/ping' ? '"pong"' : await summary(path);
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'max-age=1' }).end(text);
  } catch {
    response.writeHead(502).end();
  }
});

async function summary(path: string): Promise<string> {
  const found = kept.get(path);
  if (found !== undefined && performance.now() < found.until) return found.text;
  const answer = await fetch(`${process.env.DATABASE_URL}${path}`);
  if (!answer.ok) throw new Error(`the database answered ${answer.status}`);
  const text = await answer.text();
  kept.set(path, { text, until: performance.now() + keepMs });
  return text;
}
