import { afterAll, beforeAll } from 'vitest';
import { gate } from '../breaker/watched-memory.ts';

const WATCHED = ['load', 'store', 'add', 'sub', 'exchange', 'compareExchange'] as const;

/** Has `gate.before` called before every atomic operation, so that a test can let another thread come in between. */
export function watchAtomics(): void {
  const real = { ...Object.fromEntries(WATCHED.map((name) => [name, Atomics[name]])) };
  beforeAll(() => {
    for (const name of WATCHED) {
      const operation = real[name] as (...given: unknown[]) => unknown;
      Object.assign(Atomics, {
        [name]: (...given: unknown[]) => {
          gate.before();
          return operation(...given);
        },
      });
    }
  });
  afterAll(() => void Object.assign(Atomics, real));
}
