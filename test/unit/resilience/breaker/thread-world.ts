import { expect } from 'vitest';
import {
  type BreakerTransition,
  CircuitBreaker,
  type CircuitBreakerOptions,
  ManualClock,
  wordsNeeded,
} from '../../../../src/resilience/index.ts';
import { gate } from './watched-memory.ts';

const OPTIONS = { failureThreshold: 3, openTimeoutMs: 1000, halfOpenTimeoutMs: 500 };

/** Three threads' views of one breaker, with everything that was told in any of them. */
export class Threads {
  readonly clock = new ManualClock(5000);
  readonly told: BreakerTransition[] = [];
  readonly #memory: Int32Array;
  readonly #options: Partial<CircuitBreakerOptions>;
  readonly a: CircuitBreaker;
  readonly b: CircuitBreaker;
  readonly c: CircuitBreaker;

  constructor(options: Partial<CircuitBreakerOptions> = {}) {
    this.#options = { ...OPTIONS, ...options };
    this.#memory = new Int32Array(new SharedArrayBuffer(wordsNeeded(this.#options) * 4));
    this.a = this.join();
    this.b = this.join();
    this.c = this.join();
  }

  join(): CircuitBreaker {
    const breaker = new CircuitBreaker({
      name: 'x',
      clock: this.clock,
      ...this.#options,
      memory: this.#memory,
    });
    breaker.on('transition', (transition) => this.told.push(transition));
    return breaker;
  }

  get story(): string[] {
    return this.told.map(({ from, to }) => `${from}>${to}`);
  }

  fail(times: number): this {
    for (let call = 0; call < times; call++) this.a.settle(this.a.tryAcquire(), 'failure');
    return this;
  }

  /** Open, and its time is over. */
  due(): this {
    this.fail(3).clock.advance(1000);
    this.told.length = 0;
    return this;
  }
}

export type Step<World> = (world: World) => void;

/** Runs `inner` between two memory operations of `outer`, the one of that number. @returns false: there are not so many */
export function cut<World>(world: World, outer: Step<World>, operation: number, inner: Step<World>): boolean {
  let left = operation;
  const enclosing = gate.before;
  gate.before = () => {
    if (left-- > 0) return;
    left = Number.POSITIVE_INFINITY;
    gate.before = enclosing;
    inner(world);
  };
  try {
    outer(world);
  } finally {
    gate.before = enclosing;
  }
  return left === Number.POSITIVE_INFINITY;
}

/** Lets `b` come between each two operations of `a`, and `c` between each two of that `b`. */
export function interleave<World>(
  setup: () => World,
  steps: readonly [Step<World>, Step<World>, Step<World>?],
  check: Step<World>,
): void {
  const [a, b, c = () => {}] = steps;
  let runs = 0;
  for (let first = 0, more = true; more; first++) {
    let reached = true;
    for (let second = 0; reached; second++) {
      const world = setup();
      reached = false;
      more = cut(world, a, first, (inside) => {
        reached = cut(inside, b, second, c);
        if (!reached) c(inside);
      });
      if (!more) break;
      check(world);
      runs++;
    }
  }
  expect(runs).toBeGreaterThan(5);
}

export const settle = (
  breaker: CircuitBreaker,
  outcome: 'success' | 'failure' | 'excluded',
  durationMs?: number,
): boolean => breaker.settle(breaker.tryAcquire(), outcome, durationMs);
