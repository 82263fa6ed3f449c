import { Agent, request } from 'node:http';

const BODY = JSON.stringify({ username: 'ada', password: 'correct horse' });

/** Clients that ask the gateway for everything it has, again and again, whatever they get. */
export class SteadyTraffic {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #timers: readonly NodeJS.Timeout[];

  /** @param url of the gateway */
  constructor(url: string) {
    this.#url = url;
    this.#timers = [
      setInterval(() => this.#round(), 100),
      // More at a time than the bulkhead has slots and places in line.
      setInterval(() => [1, 2, 3, 4, 5].map((nth) => this.#ask('GET', `/schools/slow/${nth}`)), 700),
    ];
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#agent.destroy();
  }

  #round(): void {
    this.#ask('GET', '/schools/1');
    this.#ask('GET', '/schools/flaky');
    this.#ask('POST', '/auth/login', BODY);
    this.#ask('GET', '/watched');
    this.#ask('GET', '/nowhere');
  }

  #ask(method: string, path: string, body?: string): void {
    const outgoing = request(`${this.#url}${path}`, { method, agent: this.#agent }, (response) => {
      response.on('error', () => {}).resume();
    });
    // Cut off when the traffic stops.
    outgoing.on('error', () => {}).end(body);
  }
}
