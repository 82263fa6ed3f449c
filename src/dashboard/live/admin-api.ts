import type { History } from '../../admin/live/live-types.ts';

/** Whoever has asked for something is not left waiting for longer. */
const ANSWER_MS = 10_000;

/** What an operator can do to a breaker. */
export type BreakerAction = 'reset' | 'open' | 'close' | 'release';

/** An answer other than 2xx; `message` is for people. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string | null;

  constructor(status: number, code: string | null, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

/** The admin API as this page uses it: same origin, a bearer token, no cookies. */
export class AdminApi {
  /** Null: none is needed, or none is known yet. */
  token: string | null = null;

  async tokenRequired(signal: AbortSignal): Promise<boolean> {
    const session = (await this.#json('session', { signal })) as { token_required: boolean };
    return session.token_required;
  }

  history(signal: AbortSignal): Promise<History> {
    return this.#json('history', { signal }) as Promise<History>;
  }

  config(): Promise<unknown> {
    return this.#json('config');
  }

  /** Whether the gateway takes this token. */
  async accepts(token: string): Promise<boolean> {
    // Nothing else fits into a header field.
    if (!/^[\x21-\x7e]+$/.test(token)) return false;
    const signal = AbortSignal.timeout(ANSWER_MS);
    try {
      await this.#fetch('overview', { headers: { authorization: `Bearer ${token}` }, signal });
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return false;
      throw error;
    }
  }

  async act(breaker: string, action: BreakerAction): Promise<void> {
    await this.#fetch(`breakers/${encodeURIComponent(breaker)}/${action}`, {
      method: 'POST',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  }

  /** @param after the last event that is known, so that only later ones come first; 0: all that are kept */
  async stream(after: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const headers = { accept: 'text/event-stream', 'last-event-id': String(after) };
    const response = await this.#fetch('events', { headers, signal });
    if (response.body === null) throw new Error('The gateway sent no event stream.');
    return response.body;
  }

  async #json(path: string, init: RequestInit = {}): Promise<unknown> {
    return (await this.#fetch(path, init)).json();
  }

  /** @throws {ApiError} for every answer that is not 2xx */
  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.token !== null && !headers.has('authorization')) {
      headers.set('authorization', `Bearer ${this.token}`);
    }
    const response = await fetch(path, {
      ...init,
      headers,
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
    });
    if (!response.ok) throw await errorOf(response);
    return response;
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string } };
    return new ApiError(response.status, error.code, error.message);
  } catch {
    return new ApiError(response.status, null, `The gateway answered ${response.status}.`);
  }
}
