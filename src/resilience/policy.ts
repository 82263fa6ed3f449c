import { Bulkhead, type BulkheadOptions } from './bulkhead.ts';
import type { Cache } from './cache.ts';
import type { CacheKey } from './cache-store.ts';
import { compose } from './compose.ts';
import { InvalidOptionError } from './errors.ts';
import { Fallback, type FallbackAnswer, type FallbackStep } from './fallback.ts';
import type { StepFailure } from './policy-errors.ts';
import { Retry, type RetryOptions } from './retry.ts';
import { Timeout, type TimeoutOptions } from './timeout.ts';
import type { CallOptions, Layer, Work } from './work.ts';

export interface PolicyOptions<T> {
  /** In errors. */
  readonly name: string;
  /** Steps that may answer when everything inside failed. They get the call's key. */
  readonly fallback?: readonly FallbackStep<CacheKey | undefined, T>[] | undefined;
  /** Whether an error lets the fallback answer. @default every error */
  readonly fallsBack?: ((error: unknown, step: string) => boolean) | undefined;
  /** Answers calls that name a key. */
  readonly cache?: Cache<T> | undefined;
  readonly retry?: Retry | RetryOptions | undefined;
  /** One object for everything that shares the slots. */
  readonly bulkhead?: Bulkhead | BulkheadOptions | undefined;
  /** The CircuitBreaker of what is called; one object for everything that calls it. */
  readonly breaker?: Layer | undefined;
  /** Of one attempt. */
  readonly timeout?: Timeout | TimeoutOptions | undefined;
}

export interface PolicyCall extends CallOptions {
  /** What the cache and the fallback know the value by. Without it the cache is passed over. */
  readonly key?: CacheKey | undefined;
}

export interface PolicyAnswer<T> {
  readonly value: T;
  /** `live`: the work itself · `cache` · `stale`: from the cache, too old · otherwise the fallback step's name. */
  readonly source: string;
  /** Neither live nor fresh from the cache. */
  readonly degraded: boolean;
  /** What failed before, in its order. */
  readonly failures: readonly StepFailure[];
}

const OWN_SOURCES: readonly string[] = ['live', 'cache', 'stale'];

/** The parts of a policy, outermost first. */
export const SAFE_ORDER = ['fallback', 'cache', 'retry', 'bulkhead', 'breaker', 'timeout'] as const;

/**
 * The policies around one kind of call, in the order that is safe whichever of them there are:
 *
 * fallback · cache: a hit costs no slot and no permit, and nobody retries what the cache can answer ·
 * retry: outside bulkhead and breaker, so that every attempt is judged and no slot is held during a backoff ·
 * bulkhead: outside the breaker, because "full" is no failure of the service and must not use up a probe ·
 * timeout: innermost, so that every permit is settled in time.
 */
export class Policy<T> {
  readonly name: string;
  /** The parts that this one has, outermost first. */
  readonly order: readonly (typeof SAFE_ORDER)[number][];
  readonly #guard: Layer;
  readonly #cache: Cache<T> | undefined;
  readonly #fallback: Fallback<Call<T>, PolicyAnswer<T>>;

  /** @throws InvalidOptionError */
  constructor(options: PolicyOptions<T>) {
    const { name, fallback = [], cache, breaker } = options;
    const retry = made(options.retry, Retry);
    const bulkhead = made(options.bulkhead, Bulkhead);
    const timeout = made(options.timeout, Timeout);
    const own = fallback.find((step) => OWN_SOURCES.includes(step.name));
    if (own)
      throw new InvalidOptionError('fallback', own.name, `another name than ${OWN_SOURCES.join(', ')}`);
    this.name = name;
    const parts = { fallback: fallback[0], cache, retry, bulkhead, breaker, timeout };
    this.order = SAFE_ORDER.filter((part) => parts[part] !== undefined);
    this.#cache = cache;
    this.#guard = compose(...[retry, bulkhead, breaker, timeout].filter((layer) => layer !== undefined));
    this.#fallback = new Fallback({
      name,
      fallsBack: fallback.length > 0 ? options.fallsBack : () => false,
      steps: [
        { name: 'live', run: (call, signal) => this.#fromInside(call, signal) },
        ...fallback.map((step) => asAnswer(step)),
      ],
    });
  }

  /**
   * @throws what `work` or a part throws when there is no fallback; FallbackExhaustedError when every step failed
   */
  async execute(work: Work<T>, options: PolicyCall = {}): Promise<T> {
    return (await this.answer(work, options)).value;
  }

  /** As `execute`, and says where the value comes from. */
  async answer(work: Work<T>, options: PolicyCall = {}): Promise<PolicyAnswer<T>> {
    const { value, degraded, failures } = await this.#fallback.execute({ work, key: options.key }, options);
    return degraded ? { ...value, degraded, failures } : value;
  }

  /** How often which source answered, since the start: `live` covers the cache, whose own snapshot says more. */
  snapshot(): ReturnType<Fallback<unknown, unknown>['snapshot']> {
    return this.#fallback.snapshot();
  }

  async #fromInside({ work, key }: Call<T>, signal: AbortSignal): Promise<PolicyAnswer<T>> {
    if (this.#cache === undefined || key === undefined) {
      return live(await this.#guard.execute(work, { signal }));
    }
    const guarded: Work<T> = (bounded) => this.#guard.execute(work, { signal: bounded });
    const { value, source, error } = await this.#cache.get(key, guarded, { signal });
    if (source === 'load') return live(value);
    const stale = source === 'stale';
    return { value, source, degraded: stale, failures: stale ? [{ step: 'live', error }] : [] };
  }
}

interface Call<T> {
  readonly work: Work<T>;
  readonly key: CacheKey | undefined;
}

function live<T>(value: T): PolicyAnswer<T> {
  return { value, source: 'live', degraded: false, failures: [] };
}

function asAnswer<T>(step: FallbackStep<CacheKey | undefined, T>): FallbackStep<Call<T>, FallbackAnswer<T>> {
  return {
    name: step.name,
    run: async ({ key }, signal, failures) => {
      const value = await step.run(key, signal, failures);
      return value === undefined ? undefined : { value, source: step.name, degraded: true, failures };
    },
  };
}

function made<O, P extends object>(given: P | O | undefined, Part: new (options: O) => P): P | undefined {
  if (given === undefined) return undefined;
  return given instanceof Part ? given : new Part(given as O);
}
