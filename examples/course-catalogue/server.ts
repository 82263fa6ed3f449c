import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { BreakerOpenError, Deadline } from '../../src/resilience/index.ts';
import { type Catalogue, CourseNotFoundError } from './catalogue.ts';
import type { Platform } from './platform.ts';

/** Milliseconds that one request may take, whatever it waits for. */
const REQUEST_MS = 5000;

/** `GET /courses/{id}`, `PUT /courses/{id}`, `GET /health`, `POST /api/admin/reset-circuit-breakers`. */
export function catalogueServer(platform: Platform, catalogue: Catalogue): Server {
  return createServer((request, response) => {
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...platform.headers(), ...headers });
      response.end(JSON.stringify(body));
    };
    handle({ request, response, answer, platform, catalogue }).catch((error: unknown) => {
      const { status, headers } = statusOf(error);
      answer(status, { error: (error as Error).message }, headers);
    });
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly answer: (status: number, body: unknown, headers?: Record<string, string>) => void;
  readonly platform: Platform;
  readonly catalogue: Catalogue;
}

async function handle({ request, response, answer, platform, catalogue }: Exchange): Promise<void> {
  const { method, url = '/' } = request;
  const id = /^\/courses\/([\w-]+)$/.exec(url)?.[1];
  if (url === '/health') {
    answer(200, { ...platform.health(), fallback: catalogue.usage() });
  } else if (method === 'POST' && url === '/api/admin/reset-circuit-breakers') {
    platform.breakers.resetAll();
    answer(200, { reset: platform.breakers.names() });
  } else if (id !== undefined) {
    const caller = new AbortController();
    response.once('close', () => caller.abort(new Error('The client left')));
    using deadline = Deadline.after(REQUEST_MS, { signal: caller.signal, ...platform.time });
    if (method === 'PUT') {
      const chunks = await request.toArray();
      const { title } = JSON.parse(Buffer.concat(chunks).toString()) as { title: string };
      await catalogue.save({ id, title }, { signal: deadline.signal });
      answer(200, { id, title });
    } else {
      const { value, source } = await catalogue.find(id, { signal: deadline.signal });
      answer(200, value, { 'X-Data-Source': source });
    }
  } else {
    answer(404, { error: 'No such resource' });
  }
}

function statusOf(error: unknown): { status: number; headers: Record<string, string> } {
  if (error instanceof CourseNotFoundError) return { status: 404, headers: {} };
  const waitMs = error instanceof BreakerOpenError ? error.retryAfterMs : 1000;
  return { status: 503, headers: { 'Retry-After': String(Math.max(1, Math.ceil(waitMs / 1000))) } };
}
