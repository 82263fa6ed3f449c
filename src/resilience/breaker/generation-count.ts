import { generationOf, STATE } from './layout.ts';
import type { Memory } from './memory.ts';

const COUNT_BITS = 24;
const COUNT_MASK = (1 << COUNT_BITS) - 1;
/** Counts stop growing here, far above any threshold (1,000,000) and far below the sign bit of 24. */
const MAX_COUNT = 1 << 22;

/**
 * A count that belongs to one generation and dies with it: 8 bits of the generation and 24 bits of signed count in
 * one word. A result that comes after the state has moved on can only add to a word that nobody reads any more,
 * so clearing is not a step that could be overtaken.
 *
 * `word` is always the STATE word on whose behalf the caller acts.
 */
export class GenerationCount {
  readonly #memory: Memory;
  readonly #index: number;

  constructor(memory: Memory, index: number) {
    this.#memory = memory;
    this.#index = index;
  }

  /** 0 when the count is another generation's. */
  read(word: number): number {
    const value = this.#memory.load(this.#index);
    return value >>> COUNT_BITS === tagOf(word) ? countOf(value) : 0;
  }

  /** @returns the new count; 0 when the generation is over and nothing was counted */
  add(word: number, delta: number): number {
    const tag = tagOf(word);
    for (;;) {
      const value = this.#memory.load(this.#index);
      let count = delta;
      if (value >>> COUNT_BITS === tag) {
        count += countOf(value);
        if (count > MAX_COUNT) return MAX_COUNT;
      } else if (this.#memory.load(STATE) !== word) return 0;
      // `value` was read while the generation still held, so it is not a later one's that would be overwritten.
      if (this.#memory.replace(this.#index, value, pack(tag, count))) return count;
    }
  }

  /** Adds one unless there are `limit` already. @returns whether it did */
  addBelow(word: number, limit: number): boolean {
    const tag = tagOf(word);
    for (;;) {
      const value = this.#memory.load(this.#index);
      const count = value >>> COUNT_BITS === tag ? countOf(value) : 0;
      if (count >= limit || this.#memory.load(STATE) !== word) return false;
      if (this.#memory.replace(this.#index, value, pack(tag, count + 1))) return true;
    }
  }

  /**
   * Goes round a ring: counts up to twice its size and falls back to its size, so that the count also tells
   * whether the ring is full.
   *
   * @returns the place to write to, -1 when the generation is over
   */
  advance(word: number, size: number): number {
    const tag = tagOf(word);
    for (;;) {
      const value = this.#memory.load(this.#index);
      const count = value >>> COUNT_BITS === tag ? countOf(value) : 0;
      if (this.#memory.load(STATE) !== word) return -1;
      const next = count + 1 === 2 * size ? size : count + 1;
      if (this.#memory.replace(this.#index, value, pack(tag, next))) return count % size;
    }
  }

  /** Takes one away, never below zero. */
  removeOne(word: number): void {
    const tag = tagOf(word);
    for (;;) {
      const value = this.#memory.load(this.#index);
      if (value >>> COUNT_BITS !== tag || countOf(value) <= 0) return;
      if (this.#memory.replace(this.#index, value, pack(tag, countOf(value) - 1))) return;
    }
  }

  /** Takes all away. @returns how many */
  takeAll(word: number): number {
    const tag = tagOf(word);
    for (;;) {
      const value = this.#memory.load(this.#index);
      if (value >>> COUNT_BITS !== tag || countOf(value) <= 0) return 0;
      if (this.#memory.replace(this.#index, value, pack(tag, 0))) return countOf(value);
    }
  }

  clear(word: number): void {
    // Zero whosever it is: the usual case, and the cheapest test. A failure of another thread that is too new to be
    // seen came after this success.
    if ((this.#memory.peek(this.#index) & COUNT_MASK) === 0) return;
    for (;;) {
      const value = this.#memory.load(this.#index);
      const tag = tagOf(word);
      if (value >>> COUNT_BITS !== tag || countOf(value) === 0) return;
      if (this.#memory.replace(this.#index, value, pack(tag, 0))) return;
    }
  }

  /**
   * Called once after each change of state: without it a word that rests for 256 generations would come alive
   * again.
   */
  begin(word: number, count = 0): void {
    const value = this.#memory.load(this.#index);
    if (value >>> COUNT_BITS === tagOf(word) || this.#memory.load(STATE) !== word) return;
    this.#memory.replace(this.#index, value, pack(tagOf(word), count));
  }
}

const tagOf = (word: number): number => generationOf(word) & 0xff;
const countOf = (value: number): number => (value << 8) >> 8;
const pack = (tag: number, count: number): number => (tag << COUNT_BITS) | (count & COUNT_MASK);
