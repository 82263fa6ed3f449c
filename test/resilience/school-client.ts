import { randomUUID } from 'node:crypto';
import type { Part, Stage } from './stage.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The body as JSON; null when there is none. */
  readonly body: unknown;
}

interface ErrorBody {
  readonly error?: { readonly code?: string; readonly message?: string; readonly [detail: string]: unknown };
}

/** Longer than everything that the gateway bounds: when this strikes, the gateway hangs. */
const patienceMs = 45_000;

async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(patienceMs) });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text || null,
  };
}

export function errorOf(answer: Answer): NonNullable<ErrorBody['error']> {
  return (answer.body as ErrorBody | null)?.error ?? {};
}

/** `502 UPSTREAM_UNREACHABLE`, or the status alone when all is well. */
export function brief(answer: Answer): string {
  const { code } = errorOf(answer);
  return code === undefined ? `${answer.status}` : `${answer.status} ${code}`;
}

/** A user of the school system, who sees nothing but the gateway; and an operator, who reads its metrics. */
export class SchoolClient {
  readonly #stage: Stage;
  readonly #user = { email: `${randomUUID()}@example.com`, password: 'correct horse battery staple' };
  #schoolId = '';

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  #get(path: string): Promise<Answer> {
    return request(`${this.#stage.gatewayUrl}${path}`);
  }

  #post(path: string, body: object): Promise<Answer> {
    return request(`${this.#stage.gatewayUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  #admin(method: string, path: string): Promise<Answer> {
    const { adminUrl, adminToken } = this.#stage;
    return request(`${adminUrl}${path}`, { method, headers: { authorization: `Bearer ${adminToken}` } });
  }

  resetBreakers = (): Promise<Answer> => this.#admin('POST', '/breakers/reset');

  register = (): Promise<Answer> => this.#post('/auth/register', this.#user);
  login = (): Promise<Answer> => this.#post('/auth/login', this.#user);
  keys = (): Promise<Answer> => this.#get('/auth/jwks');
  schools = (): Promise<Answer> => this.#get('/schools');
  students = (): Promise<Answer> => this.#get('/students');
  enrol = (): Promise<Answer> => this.#post('/students', { name: 'Ann', school_id: this.#schoolId });

  /** Later students go there. */
  foundSchool = async (): Promise<Answer> => {
    const answer = await this.#post('/schools', { name: 'Harbour School' });
    this.#schoolId = (answer.body as { id?: string } | null)?.id ?? '';
    return answer;
  };

  health = (): Promise<Answer> => this.#get('/health');

  /** What `/health` says of a service: `unhealthy, OPEN, 5 failures`. */
  async healthOf(service: Part): Promise<string> {
    const { data } = (await this.health()).body as {
      data: Record<string, { status: string; circuit_breaker: { state: string; failure_count: number } }>;
    };
    const seen = data[service];
    if (seen === undefined) return 'not in /health';
    const { state, failure_count } = seen.circuit_breaker;
    return `${seen.status}, ${state}, ${failure_count} failures`;
  }

  /** The value of a metric for a breaker, as Prometheus would scrape it. */
  async metric(name: string, breaker: string): Promise<number> {
    const answer = await this.#admin('GET', '/metrics');
    const line = String(answer.body)
      .split('\n')
      .find((text) => text.startsWith(`${name}{`) && text.includes(`service="${breaker}"`));
    return Number(line?.split(' ').at(-1) ?? Number.NaN);
  }
}
