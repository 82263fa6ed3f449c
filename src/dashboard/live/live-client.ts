import type { Overview, TrafficSample } from '../../admin/live/live-types.ts';
import type { NumberedEvent } from '../../observe/gateway-event.ts';
import { type AdminApi, ApiError } from './admin-api.ts';
import { backoffMs } from './backoff.ts';
import { STARTING, withEvent, withHistory, withOverview, withSample } from './live-state.ts';
import type { LiveStore } from './live-store.ts';
import type { ServerClock } from './server-clock.ts';
import { type SseMessage, SseParser } from './sse-parser.ts';
import { tokenStore } from './token-store.ts';

/** An overview comes every second; without one for so long the connection is dead, whatever TCP believes. */
const SILENCE_MS = 8000;

/** What came was no message of a gateway. */
class Unreadable extends Error {}

interface Parts {
  readonly api: AdminApi;
  readonly store: LiveStore;
  readonly clock: ServerClock;
}

/** Keeps the store filled: session, login, the event stream, and coming back when it breaks. */
export class LiveClient {
  readonly #api: AdminApi;
  readonly #store: LiveStore;
  readonly #clock: ServerClock;
  #run: AbortController | null = null;
  #wake: (() => void) | null = null;

  constructor({ api, store, clock }: Parts) {
    this.#api = api;
    this.#store = store;
    this.#clock = clock;
    addEventListener('online', () => this.retryNow());
  }

  start(): void {
    this.#api.token = tokenStore.load();
    this.#connect();
  }

  /** @throws Error when the gateway cannot be asked; a wrong token is told in the state */
  async login(token: string): Promise<void> {
    if (!(await this.#api.accepts(token))) {
      this.#askForToken('This token is not the one of the gateway.');
      return;
    }
    tokenStore.save(token);
    this.#api.token = token;
    this.#store.update(() => ({ ...STARTING, signedIn: true }));
    this.#connect();
  }

  logout(): void {
    this.#askForToken(null);
  }

  /** Does not wait any longer for the next try. */
  retryNow(): void {
    this.#wake?.();
  }

  #askForToken(problem: string | null): void {
    this.#run?.abort();
    tokenStore.forget();
    this.#api.token = null;
    this.#store.update(() => ({ ...STARTING, phase: 'login', loginProblem: problem }));
  }

  #connect(): void {
    this.#run?.abort();
    this.#run = new AbortController();
    void this.#keepConnected(this.#run.signal);
  }

  async #keepConnected(stop: AbortSignal): Promise<void> {
    for (let failures = 1; ; failures++) {
      const why = await this.#once(stop, () => {
        failures = 0;
      });
      if (stop.aborted) return;
      if (why === 'token')
        return this.#askForToken(this.#api.token === null ? null : 'The token is no longer valid.');
      const waitMs = backoffMs(Math.max(failures, 1), Math.random());
      this.#store.update((state) => ({
        ...state,
        phase: 'lost',
        lostBecause: why,
        retryAt: performance.now() + waitMs,
      }));
      await this.#pause(waitMs, stop);
      if (stop.aborted) return;
      this.#store.update((state) => ({ ...state, retryAt: null }));
    }
  }

  /** One connection from beginning to end. @returns why it ended; `token`: a token is needed, or another one */
  async #once(stop: AbortSignal, onMessage: () => void): Promise<string> {
    const attempt = new AbortController();
    const end = (): void => attempt.abort();
    stop.addEventListener('abort', end);
    let heardAt = performance.now();
    // Looked at instead of set anew with each message: hidden pages get few timers.
    const watch = setInterval(() => {
      if (performance.now() - heardAt > SILENCE_MS) end();
    }, 1000);
    try {
      if (this.#api.token === null && (await this.#api.tokenRequired(attempt.signal))) return 'token';
      this.#store.update((state) => ({ ...state, signedIn: this.#api.token !== null }));
      await this.#follow(attempt.signal, () => {
        heardAt = performance.now();
        onMessage();
      });
      return 'The gateway has ended the connection.';
    } catch (error) {
      if (error instanceof Unreadable) return error.message;
      if (error instanceof ApiError) return error.status === 401 ? 'token' : error.message;
      return 'The gateway does not answer.';
    } finally {
      clearInterval(watch);
      stop.removeEventListener('abort', end);
      end();
    }
  }

  async #follow(signal: AbortSignal, onMessage: () => void): Promise<void> {
    const stream = await this.#api.stream(this.#store.state.events.at(-1)?.id ?? 0, signal);
    const history = await this.#api.history(signal);
    this.#store.update((state) => withHistory(state, history));
    const parser = new SseParser((message) => {
      // Another connection may have taken over within this very piece; what comes after is told there.
      if (signal.aborted) return;
      this.#take(message);
      onMessage();
    });
    const decoder = new TextDecoder();
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const text = decoder.decode(value, { stream: true });
      try {
        parser.push(text);
      } catch (error) {
        throw new Unreadable('The gateway sent something that this page cannot read.', { cause: error });
      }
    }
  }

  #take({ event, data }: SseMessage): void {
    if (event === 'overview') this.#takeOverview(JSON.parse(data) as Overview);
    else if (event === 'sample') {
      const sample = JSON.parse(data) as TrafficSample;
      this.#store.update((state) => withSample(state, sample));
    } else if (event === 'event') {
      const one = JSON.parse(data) as NumberedEvent;
      this.#store.update((state) => withEvent(state, one));
    }
  }

  #takeOverview(overview: Overview): void {
    this.#clock.heard(overview.at);
    const before = this.#store.state.overview?.gateway;
    // The page belongs to the gateway that it came from; another version brings its own.
    if (before !== undefined && before.version !== overview.gateway.version) {
      location.reload();
      return;
    }
    if (before !== undefined && before.startedAt !== overview.gateway.startedAt) {
      // Another process answers: its events are numbered from 1 again, so all of them are wanted.
      this.#store.update((state) => ({ ...state, events: [], samples: [], overview }));
      this.#connect();
      return;
    }
    this.#store.update((state) => withOverview(state, overview));
  }

  #pause(ms: number, stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        stop.removeEventListener('abort', done);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake = done;
      stop.addEventListener('abort', done);
    });
  }
}
