import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MemoryStore } from '../../src/resilience/index.ts';

/** A cache in memory in front of the origin, which it asks for what it does not have. Cache-Status (RFC 9211) tells. */

const name = process.env.NAME || 'secondary-cache';
const origin = process.env.ORIGIN_URL || 'http://127.0.0.1:9013';
const FRESH_MS = 60_000;
const ORIGIN_MS = 2_000;
const articles = new MemoryStore<string>({ maxEntries: 1000 });

async function answer(path: string, response: ServerResponse): Promise<void> {
  const stored = articles.get(path);
  if (stored !== undefined) return send(response, stored.value, `${name}; hit`);
  const live = await fetch(origin + path, { signal: AbortSignal.timeout(ORIGIN_MS) });
  const body = await live.text();
  if (live.status === 200) articles.set(path, body, FRESH_MS);
  response.statusCode = live.status;
  send(response, body, `${name}; fwd=uri-miss`);
}

function send(response: ServerResponse, body: string, cacheStatus: string): void {
  response.setHeader('content-type', 'application/json');
  response.setHeader('cache-status', cacheStatus);
  response.end(body);
}

const server = createServer((request, response) => {
  answer(request.url ?? '/', response).catch(() => {
    response.statusCode = 502;
    send(response, JSON.stringify({ error: 'the origin does not answer' }), `${name}; fwd=uri-miss`);
  });
});
server.listen(Number(process.env.PORT || 9011), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ msg: 'listening', port }));
});
