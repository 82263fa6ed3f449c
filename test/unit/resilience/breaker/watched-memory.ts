import type { Memory } from '../../../../src/resilience/breaker/memory.ts';

type MemoryModule = typeof import('../../../../src/resilience/breaker/memory.ts');

/** `before` is called before every memory operation of every breaker in the test. */
export const gate = {
  before: (): void => {},
  /** Called after every atomic operation, in tests that watch Atomics. */
  after: (): void => {},
};

/** The module with a memory that asks the gate. */
export function watched({ Memory }: MemoryModule): MemoryModule {
  class WatchedMemory extends Memory {
    override load(index: number): number {
      gate.before();
      return super.load(index);
    }

    override peek(index: number): number {
      gate.before();
      return super.peek(index);
    }

    override store(index: number, value: number): void {
      gate.before();
      super.store(index, value);
    }

    override add(index: number, delta: number): number {
      gate.before();
      return super.add(index, delta);
    }

    override replace(index: number, expected: number, next: number): boolean {
      gate.before();
      return super.replace(index, expected, next);
    }

    override addToPair(index: number, delta: number): void {
      gate.before();
      super.addToPair(index, delta);
    }

    override replacePair(...words: Parameters<Memory['replacePair']>): boolean {
      gate.before();
      return super.replacePair(...words);
    }
  }
  return { Memory: WatchedMemory };
}
