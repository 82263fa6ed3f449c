import { type Answer, brief, errorOf, type SchoolClient } from './school-client.ts';
import { openTimeoutMs, type Part, type Stage } from './stage.ts';

/** Slower than this is not "as fast as before", however busy the machine; the faults' own timeouts are longer. */
const slowMs = 2_000;
const samples = 20;

/** Puts what the gateway shows into words, so that the report can compare them with what is expected. */
export class Observer {
  readonly #stage: Stage;
  readonly #client: SchoolClient;
  readonly #failuresBefore = new Map<string, number>();
  readonly #transitionsBefore = new Map<string, number>();

  constructor(stage: Stage, client: SchoolClient) {
    this.#stage = stage;
    this.#client = client;
  }

  /** From here on, log lines and failures of this breaker are counted as the fault's. */
  async mark(part: Part, breaker: string): Promise<void> {
    this.#transitionsBefore.set(breaker, (await this.#transitions(part, breaker)).length);
    if (part === 'gateway') {
      this.#failuresBefore.set(breaker, await this.#client.metric('circuit_breaker_failures_total', breaker));
    }
  }

  /** `502 502 503`: the answers to so many calls, one after the other. */
  async statuses(call: () => Promise<Answer>, times: number): Promise<string> {
    const seen: number[] = [];
    for (let i = 0; i < times; i += 1) seen.push((await call()).status);
    return seen.join(' ');
  }

  /** An answer of the gateway's open breaker, in all the facts that a caller needs. */
  async refusal(call: () => Promise<Answer>): Promise<string> {
    const answer = await call();
    const { state, reason } = errorOf(answer) as { state?: string; reason?: Record<string, unknown> };
    const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
    const inRange = Number.isInteger(seconds) && seconds >= 1 && seconds <= openTimeoutMs / 1_000;
    const wait = inRange ? 'in range' : `${answer.headers.get('retry-after')}`;
    return `${brief(answer)}, Retry-After ${wait}, ${state}: ${reason?.message}, ${reason?.failures} failures`;
  }

  /** The breaker's lines in the log since `mark`, without what they have in common. */
  async logged(part: Part, breaker: string): Promise<string> {
    const lines = (await this.#transitions(part, breaker)).slice(this.#transitionsBefore.get(breaker) ?? 0);
    const prefix = `[CIRCUIT_BREAKER] ${breaker} circuit breaker `;
    return lines.map((text) => text.replace(prefix, '')).join(' · ');
  }

  /** The first and the last of those lines. */
  async span(part: Part, breaker: string): Promise<string> {
    const lines = (await this.logged(part, breaker)).split(' · ');
    return `${lines.at(0)} … ${lines.at(-1)}`;
  }

  /** `state 2, 5 failures`, the failures since `mark`. */
  async measured(breaker: string): Promise<string> {
    const state = await this.#client.metric('circuit_breaker_state', breaker);
    const failures = await this.#client.metric('circuit_breaker_failures_total', breaker);
    return `state ${state}, ${failures - (this.#failuresBefore.get(breaker) ?? 0)} failures`;
  }

  /** `all 200, none slow`, or what went wrong on these routes. */
  async others(calls: readonly (() => Promise<Answer>)[]): Promise<string> {
    const wrong = new Map<string, number>();
    let slowest = 0;
    for (let i = 0; i < samples; i += 1) {
      for (const call of calls) {
        const start = performance.now();
        const answer = await call();
        slowest = Math.max(slowest, performance.now() - start);
        const seen = brief(answer);
        if (seen !== '200') wrong.set(seen, (wrong.get(seen) ?? 0) + 1);
      }
    }
    const speed = slowest < slowMs ? 'none slow' : `slowest ${Math.round(slowest)} ms`;
    const counts = [...wrong].map(([seen, times]) => `${seen} (${times} times)`).join(', ');
    return `${counts || 'all 200'}, ${speed}`;
  }

  async #transitions(part: Part, breaker: string): Promise<string[]> {
    const log = await this.#stage.log(part);
    return log
      .filter(({ msg, breaker: name }) => msg.startsWith('[CIRCUIT_BREAKER]') && name === breaker)
      .map(({ msg }) => msg);
  }
}
