import type { FallbackSource } from './fallback-step.ts';

const SOURCES: readonly FallbackSource[] = ['secondary', 'stale', 'static', 'mock'];

/** Words that the counts of one route take. */
export const FALLBACK_WORDS = SOURCES.length;

/** How often each kind of fallback has answered for a route; unsigned, they wrap after 4,294,967,295. */
export class FallbackCounts {
  readonly #words: Int32Array;

  /** @param words all zero at first; may be shared by several threads. @default private ones */
  constructor(words: Int32Array = new Int32Array(FALLBACK_WORDS)) {
    this.#words = words;
  }

  add(source: FallbackSource): void {
    Atomics.add(this.#words, SOURCES.indexOf(source), 1);
  }

  read(): Record<FallbackSource, number> {
    const [secondary, stale, fixed, mock] = SOURCES.map((_, at) => Atomics.load(this.#words, at) >>> 0);
    return { secondary: secondary!, stale: stale!, static: fixed!, mock: mock! };
  }
}
