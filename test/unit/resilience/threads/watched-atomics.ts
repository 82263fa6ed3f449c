import { afterAll, beforeAll } from 'vitest';
import { gate } from '../breaker/watched-memory.ts';

const WATCHED = ['load', 'store', 'add', 'sub', 'exchange', 'compareExchange', 'notify'] as const;

/**
 * Has `gate.before` and `gate.after` called around every atomic operation, so that a test can let another thread come in
 * between.
 */
export function watchAtomics(): void {
  const real = { ...Object.fromEntries(WATCHED.map((name) => [name, Atomics[name]])) };
  beforeAll(() => {
    for (const name of WATCHED) {
      const operation = real[name] as (...given: unknown[]) => unknown;
      Object.assign(Atomics, {
        [name]: (...given: unknown[]) => {
          gate.before();
          const result = operation(...given);
          gate.after();
          return result;
        },
      });
    }
  });
  afterAll(() => void Object.assign(Atomics, real));
}

class Death extends Error {}

/**
 * Runs `step` as a thread that is killed on the way. Between two operations there are plain stores, of which a death can
 * come before or after: an even `point` is right before an operation, an odd one right after it.
 *
 * @returns false: it came to its end before that
 */
export function dies(step: () => void, point: number): boolean {
  let left = point;
  let dead = false;
  const count = (): void => {
    if (left-- > 0) return;
    dead = true;
    throw new Death();
  };
  gate.before = count;
  gate.after = count;
  try {
    step();
  } catch (error) {
    if (!(error instanceof Death)) throw error;
  } finally {
    gate.before = () => {};
    gate.after = () => {};
  }
  // A promise may have swallowed it.
  return dead;
}
