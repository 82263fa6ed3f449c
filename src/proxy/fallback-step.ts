import type { FallbackCondition, FallbackStepConfig } from '../config/gateway-config.ts';
import type { Upstream } from '../upstream/upstream.ts';

/** What an answer of a fallback says it comes from, in `X-Fallback`. */
export type FallbackSource = 'secondary' | 'stale' | 'static' | 'mock';

/** RFC 9110 §9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Conditions under which the last attempt at the route's own upstream sent nothing. */
const NOTHING_SENT: ReadonlySet<FallbackCondition> = new Set(['connect', 'open', 'full']);

/** An answer that is always there. */
export interface FixedAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** What a step does; the exchange does it. */
export type FallbackAction =
  | { readonly type: 'upstream'; readonly upstream: Upstream }
  | { readonly type: 'stale'; readonly maxAgeMs: number }
  | { readonly type: 'fixed'; readonly answer: FixedAnswer };

/** One step of a route's fallback chain, compiled. */
export class FallbackStep {
  readonly source: FallbackSource;
  readonly action: FallbackAction;
  readonly #methods: ReadonlySet<string> | null;
  readonly #on: ReadonlySet<FallbackCondition>;

  /** @throws Error the step names an upstream that is not there, which the configuration has ruled out */
  constructor(config: FallbackStepConfig, upstreams: ReadonlyMap<string, Upstream>) {
    this.source = config.type === 'upstream' ? 'secondary' : config.type;
    this.action = actionOf(config, upstreams);
    this.#methods = config.methods === null ? null : new Set(config.methods);
    this.#on = new Set(config.on);
  }

  /**
   * Whether it may answer a request of this method that failed in this way.
   *
   * @param nothingSent no attempt, also none at an earlier step, has got as far as a connection
   */
  answers(method: string, condition: FallbackCondition, nothingSent: boolean): boolean {
    if (!this.#on.has(condition)) return false;
    if (this.#methods !== null) return this.#methods.has(method);
    return IDEMPOTENT.has(method) || (nothingSent && NOTHING_SENT.has(condition));
  }
}

function actionOf(config: FallbackStepConfig, upstreams: ReadonlyMap<string, Upstream>): FallbackAction {
  switch (config.type) {
    case 'upstream': {
      const upstream = upstreams.get(config.upstream);
      if (upstream === undefined) throw new Error(`no upstream "${config.upstream}"`);
      return { type: 'upstream', upstream };
    }
    case 'stale':
      return { type: 'stale', maxAgeMs: config.maxAgeMs };
    default: {
      const { status, headers } = config.answer;
      const body = Buffer.from(config.answer.body);
      const bodiless = status === 204 || status === 304;
      const length = bodiless ? [] : ['Content-Length', String(body.length)];
      return { type: 'fixed', answer: { status, headers: [...headers, ...length], body } };
    }
  }
}
