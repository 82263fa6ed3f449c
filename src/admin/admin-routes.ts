import type { AdminBackend, AdminBreaker } from './admin-backend.ts';
import { AdminError } from './admin-error.ts';
import { breakerView } from './breaker-view.ts';

/** What a route answers with, always 200. `action` is what was done, for the log. */
export interface AdminAnswer {
  readonly contentType: string;
  readonly body: string;
  readonly action?: string;
}

type Handler = (backend: AdminBackend, name: string) => AdminAnswer | Promise<AdminAnswer>;

interface AdminRoute {
  readonly method: 'GET' | 'POST';
  /** Segments; `{name}` stands for a breaker's name. */
  readonly path: readonly string[];
  readonly handle: Handler;
}

const list = (backend: AdminBackend): AdminAnswer =>
  json({ breakers: [...backend.breakers()].map((breaker) => view(backend, breaker)) });

const resetAll: Handler = (backend) => {
  for (const breaker of backend.breakers()) breaker.reset();
  return { ...list(backend), action: 'reset all circuit breakers' };
};

const ROUTES: readonly AdminRoute[] = [
  route('GET', '/breakers', list),
  // Before {name}: a breaker that is called "reset" can still be shown, and reset by its own path.
  route('POST', '/breakers/reset', resetAll),
  route('POST', '/api/admin/reset-circuit-breakers', resetAll),
  route('GET', '/breakers/{name}', (backend, name) => json(view(backend, find(backend, name)))),
  route(
    'POST',
    '/breakers/{name}/reset',
    turn('reset', (breaker) => breaker.reset()),
  ),
  route(
    'POST',
    '/breakers/{name}/open',
    turn('force open', (breaker) => breaker.forceOpen()),
  ),
  route(
    'POST',
    '/breakers/{name}/close',
    turn('force closed', (breaker) => breaker.forceClose()),
  ),
  route(
    'POST',
    '/breakers/{name}/release',
    turn('release', (breaker) => breaker.release()),
  ),
  route('GET', '/config', ({ config }) => json(config())),
  route('GET', '/routes', ({ routes }) => json({ routes: routes() })),
  route('GET', '/metrics', ({ metrics }) => metrics()),
  route('GET', '/health', ({ health }) => json(health())),
];

/**
 * Does what the request asks for.
 *
 * @throws {AdminError} when there is no such path, method or breaker
 */
export function answerAdmin(
  backend: AdminBackend,
  method: string,
  target: string,
): AdminAnswer | Promise<AdminAnswer> {
  const segments = segmentsOf(target);
  const there = ROUTES.filter(({ path }) => matches(path, segments));
  if (there.length === 0) throw new AdminError('NOT_FOUND', 'The admin API has no such path.');
  const wanted = there.find((candidate) => candidate.method === (method === 'HEAD' ? 'GET' : method));
  if (wanted !== undefined) return wanted.handle(backend, segments[1] ?? '');
  const allow = there
    .map((candidate) => (candidate.method === 'GET' ? 'GET, HEAD' : candidate.method))
    .join(', ');
  throw new AdminError('METHOD_NOT_ALLOWED', `This path takes ${allow}.`, { Allow: allow });
}

function route(method: AdminRoute['method'], path: string, handle: Handler): AdminRoute {
  return { method, path: path.slice(1).split('/'), handle };
}

function matches(path: readonly string[], segments: readonly string[]): boolean {
  return (
    path.length === segments.length && path.every((text, at) => text === '{name}' || text === segments[at])
  );
}

/** Cuts before it decodes, so that a name may hold any character. */
function segmentsOf(target: string): string[] {
  const path = target.split('?', 1)[0] ?? '';
  if (!path.startsWith('/')) return [];
  try {
    return path.slice(1).split('/').map(decodeURIComponent);
  } catch {
    throw new AdminError('BAD_REQUEST', 'The path is not validly percent-encoded.');
  }
}

function turn(what: string, act: (breaker: AdminBreaker) => void): Handler {
  return (backend, name) => {
    const breaker = find(backend, name);
    act(breaker);
    return { ...json(view(backend, breaker)), action: `${what} ${name}` };
  };
}

function find(backend: AdminBackend, name: string): AdminBreaker {
  for (const breaker of backend.breakers()) if (breaker.name === name) return breaker;
  throw new AdminError('BREAKER_NOT_FOUND', 'No circuit breaker has this name; GET /breakers lists them.');
}

function view(backend: AdminBackend, breaker: AdminBreaker): Record<string, unknown> {
  return breakerView(breaker.snapshot(), backend.rules(breaker.name));
}

function json(content: unknown): AdminAnswer {
  return { contentType: 'application/json; charset=utf-8', body: `${JSON.stringify(content, null, 2)}\n` };
}
