import type { EventList, Overview } from '../../admin/live/live-types.ts';
import type { NumberedEvent } from '../../observe/gateway-event.ts';
import { AdminCallError } from './admin-call-error.ts';
import { answerFailure, callFailure } from './call-failure.ts';
import type { AdminPlace } from './find-admin.ts';
import { type SseMessage, SseParser } from './sse-parser.ts';

const TIMEOUT_MS = 5000;
/** An overview comes every second: whoever has been silent for so long is gone, or stuck. */
const SILENCE_MS = 15_000;
/** Bytes. The overview of a thousand upstreams takes less than two million. */
const MAX_ANSWER = 16 * 1024 * 1024;

/** A breaker as the answers of `POST /breakers/…` show it. */
export interface TurnedBreaker {
  readonly name: string;
  readonly state: Overview['upstreams'][number]['breaker']['state'];
}

export interface ClientOptions {
  /** Milliseconds for a plain request, its whole answer included. @default 5000 */
  readonly timeoutMs?: number;
  /** Milliseconds without a message after which a stream counts as broken. @default 15000 */
  readonly silenceMs?: number;
}

/** The admin API of a running gateway. Every method throws {@link AdminCallError} and nothing else. */
export class AdminClient {
  readonly place: AdminPlace;
  readonly #timeoutMs: number;
  readonly #silenceMs: number;

  constructor(place: AdminPlace, { timeoutMs = TIMEOUT_MS, silenceMs = SILENCE_MS }: ClientOptions = {}) {
    this.place = place;
    this.#timeoutMs = timeoutMs;
    this.#silenceMs = silenceMs;
  }

  async overview(signal?: AbortSignal): Promise<Overview> {
    const overview = await this.#json<Overview>('GET', '/overview', signal);
    if (!isOverview(overview)) throw this.strange();
    return overview;
  }

  /** @param after the number of the last event that is known already; 0: none */
  async events(after: number, signal?: AbortSignal): Promise<EventList> {
    const list = await this.#json<EventList>('GET', `/events?after=${after}`, signal);
    if (!Array.isArray(list?.events) || !list.events.every(isEvent)) throw this.strange();
    return list;
  }

  /** @param action `reset`, `open`, `close` or `release` */
  async turn(action: string, breaker: string): Promise<TurnedBreaker> {
    const path = `/breakers/${encodeURIComponent(breaker)}/${action}`;
    const turned = await this.#json<TurnedBreaker>('POST', path);
    if (typeof turned?.state !== 'string') throw this.strange();
    return turned;
  }

  /** @returns all of them */
  async resetAll(): Promise<readonly TurnedBreaker[]> {
    const answer = await this.#json<{ readonly breakers: readonly TurnedBreaker[] }>(
      'POST',
      '/breakers/reset',
    );
    if (!Array.isArray(answer?.breakers)) throw this.strange();
    return answer.breakers;
  }

  /**
   * What happens, as it happens, until the gateway ends it or `signal` is aborted.
   *
   * @param after the number of the last event that is known already
   */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<SseMessage> {
    const silence = new AbortController();
    let limitMs = this.#timeoutMs;
    let timer = setTimeout(() => silence.abort(timeout()), limitMs);
    const listen = AbortSignal.any([signal, silence.signal]);
    try {
      const response = await this.#fetch('/events', {
        headers: { accept: 'text/event-stream', 'last-event-id': String(after) },
        signal: listen,
      });
      if (!isType(response, 'text/event-stream')) throw await this.#failure(response);
      const parser = new SseParser();
      for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
        clearTimeout(timer);
        limitMs = this.#silenceMs;
        timer = setTimeout(() => silence.abort(timeout()), limitMs);
        yield* parser.push(text);
      }
    } catch (error) {
      if (error instanceof RangeError) throw this.strange(error);
      if (!signal.aborted) throw callFailure(error, this.place, limitMs);
    } finally {
      clearTimeout(timer);
      // Ends the connection also when the reader has left.
      silence.abort();
    }
  }

  /** What came is no answer of the admin API. */
  strange(cause?: unknown): AdminCallError {
    const { url } = this.place;
    return new AdminCallError(
      'NOT_BREAKWATER',
      `what answers on ${url} is not the admin API of Breakwater`,
      cause,
    );
  }

  async #json<T>(method: 'GET' | 'POST', path: string, signal?: AbortSignal): Promise<T> {
    const limits = [AbortSignal.timeout(this.#timeoutMs), ...(signal === undefined ? [] : [signal])];
    try {
      const response = await this.#fetch(path, {
        method,
        headers: { accept: 'application/json' },
        signal: AbortSignal.any(limits),
      });
      if (response.status !== 200 || !isType(response, 'application/json'))
        throw await this.#failure(response);
      return JSON.parse(await textOf(response));
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof RangeError) throw this.strange(error);
      throw callFailure(error, this.place, this.#timeoutMs);
    }
  }

  #fetch(path: string, init: RequestInit & { headers: Record<string, string> }): Promise<Response> {
    const { url, token } = this.place;
    const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
    // A redirect could send the token to somebody else.
    return fetch(url + path, { ...init, redirect: 'manual', headers: { ...init.headers, ...authorization } });
  }

  async #failure(response: Response): Promise<AdminCallError> {
    const text = isType(response, 'application/json') ? await textOf(response) : '';
    if (text === '') await response.body?.cancel();
    return answerFailure(response, text, this.place);
  }
}

/** As much of it as tells one from what else has a list of upstreams. */
function isOverview(it: Partial<Overview> | null): boolean {
  if (typeof it?.gateway?.listen !== 'string' || !Array.isArray(it.upstreams)) return false;
  return it.upstreams.every((upstream) => STATES.has(upstream?.breaker?.state));
}

const STATES: ReadonlySet<unknown> = new Set(['CLOSED', 'HALF_OPEN', 'OPEN']);

function isEvent(it: Partial<NumberedEvent> | null): boolean {
  return typeof it?.id === 'number' && typeof it.at === 'number' && typeof it.type === 'string';
}

function timeout(): DOMException {
  return new DOMException('no answer in time', 'TimeoutError');
}

function isType(response: Response, type: string): boolean {
  return (response.headers.get('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase() === type;
}

/** @throws RangeError it is larger than what a gateway answers with */
async function textOf(response: Response): Promise<string> {
  let text = '';
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece;
    if (text.length > MAX_ANSWER) throw new RangeError('the answer is too large');
  }
  return text;
}
