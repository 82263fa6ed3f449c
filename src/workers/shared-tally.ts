import type { ConnectionTally } from '../http/full/inbound-server.ts';

/** The connections of all threads: each writes its own number, and reads those of the others. */
export class SharedTally implements ConnectionTally {
  readonly #words: Int32Array;
  readonly #index: number;

  /** @param words one for each thread */
  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  note(open: number): void {
    Atomics.store(this.#words, this.#index, open);
  }

  get elsewhere(): number {
    let sum = 0;
    for (let at = 0; at < this.#words.length; at++)
      if (at !== this.#index) sum += Atomics.load(this.#words, at);
    return sum;
  }
}
