import {
  BreakerRegistry,
  type CallOptions,
  type CircuitBreaker,
  type Clock,
  type Timer,
  withTimeout,
} from '../../src/resilience/index.ts';

/** One place where values may be: a cache that is near or far, or at last the database. */
export interface Layer<V> {
  readonly name: string;
  /** Undefined: it is not there. */
  get(key: string, signal: AbortSignal): Promise<V | undefined>;
  /** A layer without it cannot be filled. */
  set?(key: string, value: V): Promise<void>;
}

export interface Found<V> {
  readonly value: V | undefined;
  /** The layer that had it; null: none has it. */
  readonly source: string | null;
  /** Layers that could not be asked or did not answer, in their order. */
  readonly skipped: readonly string[];
}

export interface LookupOptions {
  /** Milliseconds that one layer may take; never more than the caller's deadline leaves. @default 200 */
  readonly layerTimeoutMs?: number;
  readonly clock?: Clock;
  readonly timer?: Timer;
}

/**
 * Asks one layer after the other, each behind a breaker of its own: a far cache that is down costs nothing once its
 * breaker is open. Five failures open it for a minute, then exactly one probe goes through, whose failure re-opens.
 *
 * It uses the breaker's plainest form, `canExecute`, `recordSuccess` and `recordFailure`, which fits where the call
 * is somewhere else than the decision.
 */
export class LayeredLookup<V> {
  readonly breakers: BreakerRegistry;
  readonly #layers: readonly Layer<V>[];
  readonly #options: LookupOptions;

  /** @param layers the nearest first */
  constructor(layers: readonly Layer<V>[], options: LookupOptions = {}) {
    this.#layers = layers;
    this.#options = options;
    this.breakers = new BreakerRegistry({
      defaults: { failureThreshold: 5, openTimeoutMs: 60_000, halfOpenRequests: 1 },
      clock: options.clock,
    });
    for (const { name } of layers) this.breakers.get(name);
  }

  /** @throws the signal's reason when the caller gives up; never because of a layer */
  async get(key: string, { signal }: CallOptions = {}): Promise<Found<V>> {
    const skipped: string[] = [];
    for (const [depth, layer] of this.#layers.entries()) {
      const answer = await this.#ask(layer, key, signal);
      signal?.throwIfAborted();
      if (answer === FAILED) skipped.push(layer.name);
      else if (answer !== undefined) {
        await this.#fill(depth, key, answer);
        return { value: answer, source: layer.name, skipped };
      }
    }
    return { value: undefined, source: null, skipped };
  }

  async #ask(
    layer: Layer<V>,
    key: string,
    signal: AbortSignal | undefined,
  ): Promise<V | undefined | typeof FAILED> {
    return this.#guarded(this.breakers.get(layer.name), (bounded) => layer.get(key, bounded), signal);
  }

  /** The layers above get the value too, those that work. */
  async #fill(depth: number, key: string, value: V): Promise<void> {
    for (const layer of this.#layers.slice(0, depth)) {
      if (layer.set) await this.#guarded(this.breakers.get(layer.name), () => layer.set?.(key, value));
    }
  }

  async #guarded<T>(
    breaker: CircuitBreaker,
    work: (signal: AbortSignal) => Promise<T> | undefined,
    signal?: AbortSignal,
  ): Promise<T | undefined | typeof FAILED> {
    if (!breaker.canExecute()) return FAILED;
    const { layerTimeoutMs = 200, clock, timer } = this.#options;
    try {
      const value = await withTimeout(work, layerTimeoutMs, { signal, clock, timer });
      breaker.recordSuccess();
      return value;
    } catch {
      breaker.recordFailure();
      return FAILED;
    }
  }
}

const FAILED = Symbol('failed');
