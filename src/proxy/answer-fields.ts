import type { AnswersConfig } from '../config/gateway-config.ts';
import type { HeaderList } from '../http/message.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { DegradedWatch } from './degraded-watch.ts';
import type { FallbackSource } from './fallback-step.ts';

/** What the fields of one answer tell. */
export interface AnswerFacts {
  readonly requestId: string;
  /** Those that were asked, or would have been. */
  readonly upstreams: readonly Upstream[];
  /** Null: the route's own upstream answered, or nobody. */
  readonly fallback: FallbackSource | null;
  /** Milliseconds of the upstream's own time until its response head; undefined: it gave none. */
  readonly upstreamMs: number | undefined;
  /** Value of `Cache-Status`; null: no cache was asked. */
  readonly cacheStatus: string | null;
}

/** The fields that the gateway adds to answers, as far as they are not switched off. */
export class AnswerFields {
  readonly #config: AnswersConfig;
  readonly #via: string;
  readonly #degraded: DegradedWatch;
  readonly #breakerNames: ReadonlyMap<Upstream, string>;
  /** In lower case: what an upstream says under these names is replaced. */
  readonly #replaced: ReadonlySet<string>;

  constructor(config: AnswersConfig, via: string, upstreams: Iterable<Upstream>) {
    this.#config = config;
    this.#via = `1.1 ${via}`;
    const all = [...upstreams];
    this.#degraded = new DegradedWatch(all.map(({ breaker }) => breaker));
    this.#breakerNames = new Map(all.map((one) => [one, breakerField(one.name)]));
    this.#replaced = new Set([
      'x-fallback',
      ...(config.requestId ? ['x-request-id'] : []),
      ...(config.degraded ? ['x-system-degraded'] : []),
      ...(config.circuitBreaker ? [...this.#breakerNames.values()].map((name) => name.toLowerCase()) : []),
    ]);
  }

  /** An answer's end-to-end fields as the client gets them; framing is left to the reply. */
  forward(headers: HeaderList, facts: AnswerFacts): string[] {
    const out: string[] = [];
    for (let at = 0; at < headers.length; at += 2) {
      const name = headers[at] as string;
      if (this.#isReplaced(name)) continue;
      out.push(name, headers[at + 1] as string);
    }
    if (this.#config.via) out.push('Via', this.#via);
    if (this.#config.requestId) out.push('X-Request-Id', facts.requestId);
    this.#addTo(out, facts);
    return out;
  }

  /** What the gateway's own errors carry beside their own fields. */
  ofRefusal(facts: Omit<AnswerFacts, 'requestId'>): string[] {
    const out: string[] = [];
    this.#addTo(out, facts);
    return out;
  }

  /** An answer's trailers, without what only the gateway may say: there are clients that take them for fields. */
  forwardTrailers(trailers: HeaderList): HeaderList {
    if (trailers.length === 0) return trailers;
    const out: string[] = [];
    for (let at = 0; at < trailers.length; at += 2) {
      const name = trailers[at] as string;
      if (!this.#isReplaced(name)) out.push(name, trailers[at + 1] as string);
    }
    return out;
  }

  #isReplaced(name: string): boolean {
    return (name.charCodeAt(0) | 0x20) === 0x78 && this.#replaced.has(name.toLowerCase());
  }

  #addTo(
    out: string[],
    { upstreams, fallback, upstreamMs, cacheStatus }: Omit<AnswerFacts, 'requestId'>,
  ): void {
    const config = this.#config;
    if (fallback !== null) out.push('X-Fallback', fallback);
    if (config.circuitBreaker) {
      for (const upstream of upstreams) {
        out.push(this.#breakerNames.get(upstream) ?? breakerField(upstream.name), upstream.breaker.state);
      }
    }
    if (config.degraded)
      out.push('X-System-Degraded', fallback !== null || this.#degraded.now() ? 'true' : 'false');
    if (config.cacheStatus && cacheStatus !== null) out.push('Cache-Status', cacheStatus);
    if (config.serverTiming && upstreamMs !== undefined) {
      out.push('Server-Timing', `upstream;dur=${withTenths(upstreamMs)}`);
    }
  }
}

/** Milliseconds with one decimal place, in a third of the time that `toFixed` takes. */
function withTenths(ms: number): string {
  const tenths = Math.round(ms * 10);
  return `${Math.trunc(tenths / 10)}.${tenths % 10}`;
}

/** `X-Circuit-Breaker-Auth` for `auth`, `X-Circuit-Breaker-User-Store` for `user_store`. */
function breakerField(name: string): string {
  const words = name.split(/[._-]+/).filter((word) => word !== '');
  return `X-Circuit-Breaker-${words.map((word) => (word[0] ?? '').toUpperCase() + word.slice(1)).join('-')}`;
}
