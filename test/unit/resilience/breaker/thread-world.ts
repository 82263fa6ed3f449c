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

/**
 * Runs `inner` before the memory operation of `outer` that has this number; operations of what others run inside
 * `outer` count too. @returns false: there were not so many
 */
export function cut<World>(world: World, outer: Step<World>, operation: number, inner: Step<World>): boolean {
  let left = operation;
  let done = false;
  const enclosing = gate.before;
  gate.before = () => {
    enclosing();
    if (done || left-- > 0) return;
    done = true;
    const own = gate.before;
    gate.before = enclosing;
    inner(world);
    gate.before = own;
  };
  try {
    outer(world);
  } finally {
    gate.before = enclosing;
  }
  return done;
}

/** Lets `b` come between any two operations of `a`, and `c` between any two of what then happens: in `b`, before or after. */
export function interleave<World>(
  setup: () => World,
  steps: readonly [Step<World>, Step<World>, Step<World>?],
  check: Step<World>,
): void {
  const [a, b, c = () => {}] = steps;
  let runs = 0;
  for (let first = 0, more = true; more; first++) {
    for (let second = 0, inside = true; inside; second++) {
      const world = setup();
      inside = cut(
        world,
        () => {
          more = cut(world, a, first, b);
          if (!more) b(world);
        },
        second,
        c,
      );
      if (!inside) c(world);
      check(world);
      runs++;
    }
  }
  expect(runs).toBeGreaterThan(20);
}

export const settle = (
  breaker: CircuitBreaker,
  outcome: 'success' | 'failure' | 'excluded',
  durationMs?: number,
): boolean => breaker.settle(breaker.tryAcquire(), outcome, durationMs);
