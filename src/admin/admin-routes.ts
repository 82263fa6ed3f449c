import type { AdminBackend, AdminBreaker } from './admin-backend.ts';
import { AdminError } from './admin-error.ts';
import type { Asking } from './admin-guard.ts';
import { breakerView } from './breaker-view.ts';
import type { EventList, History } from './live/live-types.ts';
import type { Page } from './page/page.ts';

/** What a route answers with, always 200. */
export interface AdminAnswer {
  readonly contentType: string;
  readonly body: string | Buffer;
  /** In place of those that all answers have. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What was done, for the log. */
  readonly action?: string;
}

/** In place of an answer: from now on, whatever happens. */
export interface LiveAnswer {
  /** The number of the last event that the client has seen; null: it wants new ones only. */
  readonly after: number | null;
}

/** What routes answer from. */
export interface AdminParts {
  readonly backend: AdminBackend;
  readonly page: Page;
  readonly tokenRequired: boolean;
}

/** What they need to know of a request. */
export interface AdminRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Fields of its head; empty where there is none. */
  readonly accept: string;
  readonly lastEventId: string;
}

type Answer = AdminAnswer | LiveAnswer | Promise<AdminAnswer>;

/** @param name what stands in the place of `{name}` */
type Handler = (parts: AdminParts, name: string, request: AdminRequest) => Answer;

interface AdminRoute {
  readonly method: 'GET' | 'POST';
  /** Segments; `{name}` stands for a breaker's or a file's name. */
  readonly path: readonly string[];
  readonly handle: Handler;
}

const list = ({ backend }: AdminParts): AdminAnswer =>
  json({ breakers: [...backend.breakers()].map((breaker) => view(backend, breaker)) });

const resetAll: Handler = (parts) => {
  for (const breaker of parts.backend.breakers()) breaker.reset();
  return { ...list(parts), action: 'reset all circuit breakers' };
};

const ROUTES: readonly AdminRoute[] = [
  route('GET', '/', ({ page }) => page.index()),
  route('GET', '/assets/{name}', ({ page }, name) => page.asset(name)),
  route('GET', '/session', ({ tokenRequired }) => json({ token_required: tokenRequired })),
  route('GET', '/overview', ({ backend }) => json(backend.overview())),
  route('GET', '/history', ({ backend: { history } }) =>
    json({ upstreams: history.upstreams, samples: history.samples() } satisfies History),
  ),
  route('GET', '/events', events),
  route('GET', '/breakers', list),
  // Before {name}: a breaker that is called "reset" can still be shown, and reset by its own path.
  route('POST', '/breakers/reset', resetAll),
  route('POST', '/api/admin/reset-circuit-breakers', resetAll),
  route('GET', '/breakers/{name}', ({ backend }, name) => json(view(backend, find(backend, name)))),
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
  route('GET', '/config', ({ backend }) => json(backend.config())),
  route('GET', '/routes', ({ backend }) => json({ routes: backend.routes() })),
  route('GET', '/metrics', ({ backend }, _name, { accept }) => backend.metrics(accept)),
  route('GET', '/health', ({ backend }) => json(backend.health())),
];

/**
 * Does what the request asks for.
 *
 * @throws {AdminError} when there is no such path, method, breaker or file
 */
export function answerAdmin(parts: AdminParts, request: AdminRequest): Answer {
  const { method, target } = request;
  const segments = segmentsOf(target);
  const there = ROUTES.filter(({ path }) => matches(path, segments));
  if (there.length === 0) throw new AdminError('NOT_FOUND', 'The admin API has no such path.');
  const wanted = there.find((candidate) => candidate.method === (method === 'HEAD' ? 'GET' : method));
  if (wanted !== undefined) return wanted.handle(parts, segments[1] ?? '', request);
  const allow = there
    .map((candidate) => (candidate.method === 'GET' ? 'GET, HEAD' : candidate.method))
    .join(', ');
  throw new AdminError('METHOD_NOT_ALLOWED', `This path takes ${allow}.`, { Allow: allow });
}

/** What holds no data, and without which nobody could log in. @returns whether it is such, and whether it is the page */
export function askingFor({
  method,
  target,
}: Pick<AdminRequest, 'method' | 'target'>): Omit<Asking, 'headers'> {
  const path = method === 'GET' || method === 'HEAD' ? pathOf(target) : '';
  const page = path === '/';
  return { page, open: page || path === '/session' || path.startsWith('/assets/') };
}

/** The path of a target, without its query. */
function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? '';
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
  const path = pathOf(target);
  if (!path.startsWith('/')) return [];
  try {
    return path.slice(1).split('/').map(decodeURIComponent);
  } catch {
    throw new AdminError('BAD_REQUEST', 'The path is not validly percent-encoded.');
  }
}

function turn(what: string, act: (breaker: AdminBreaker) => void): Handler {
  return ({ backend }, name) => {
    const breaker = find(backend, name);
    act(breaker);
    return { ...json(view(backend, breaker)), action: `${what} ${name}` };
  };
}

function events({ backend }: AdminParts, _name: string, request: AdminRequest): AdminAnswer | LiveAnswer {
  const after = afterOf(request);
  if (request.accept.split(',').some((range) => EVENT_STREAM.test(range))) return { after };
  return json({ events: backend.events.since(after ?? 0) } satisfies EventList);
}

/** A media range that wants one (RFC 9110 §12.5.1); `q=0` says that it does not. */
const EVENT_STREAM = /^\s*text\/event-stream\s*(?:;(?!\s*q=0(?:\.0*)?\s*$).*)?$/i;

/** A browser that comes back names the last event by itself, which is newer than what stands in its URL. */
function afterOf({ lastEventId, target }: AdminRequest): number | null {
  const asked = new URLSearchParams(target.slice(pathOf(target).length)).get('after');
  const given = lastEventId === '' ? asked : lastEventId;
  if (given === null) return null;
  if (/^\d{1,15}$/.test(given)) return Number(given);
  throw new AdminError('BAD_REQUEST', 'The number of the last event is a whole number.');
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
