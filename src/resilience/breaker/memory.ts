/** Reads and writes of a breaker's words. Two kinds, because Atomics cost a private breaker twice its time. */
export interface Memory {
  readonly shared: boolean;
  load(index: number): number;
  store(index: number, value: number): void;
  /** @returns the value before; wraps around */
  add(index: number, delta: number): number;
  /** Writes `next` if the word is `expected`. */
  replace(index: number, expected: number, next: number): boolean;
  /** The same for words 0 and 1 as one. */
  replacePair(expectedLow: number, expectedHigh: number, low: number, high: number): boolean;
}

/** Memory of one thread: nothing can come between a read and the write after it. */
export class PrivateMemory implements Memory {
  readonly shared = false;
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  load(index: number): number {
    return this.#words[index]!;
  }

  store(index: number, value: number): void {
    this.#words[index] = value;
  }

  add(index: number, delta: number): number {
    const before = this.#words[index]!;
    this.#words[index] = before + delta;
    return before;
  }

  replace(index: number, expected: number, next: number): boolean {
    if (this.#words[index] !== expected) return false;
    this.#words[index] = next;
    return true;
  }

  replacePair(expectedLow: number, expectedHigh: number, low: number, high: number): boolean {
    if (this.#words[0] !== expectedLow || this.#words[1] !== expectedHigh) return false;
    this.#words[0] = low;
    this.#words[1] = high;
    return true;
  }
}

/** Word 0 is the low half of the pair on every processor that Node runs on but s390x. */
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function pair(low: number, high: number): bigint {
  return LITTLE_ENDIAN
    ? (BigInt(high) << 32n) | BigInt(low >>> 0)
    : (BigInt(low) << 32n) | BigInt(high >>> 0);
}

/** A slice of a SharedArrayBuffer, 8-byte aligned. The pair changes a few times a minute; BigInt is fine there. */
export class SharedMemory implements Memory {
  readonly shared = true;
  readonly #words: Int32Array;
  readonly #pair: BigInt64Array;

  constructor(words: Int32Array) {
    this.#words = words;
    this.#pair = new BigInt64Array(words.buffer, words.byteOffset, 1);
  }

  load(index: number): number {
    return Atomics.load(this.#words, index);
  }

  store(index: number, value: number): void {
    Atomics.store(this.#words, index, value);
  }

  add(index: number, delta: number): number {
    return Atomics.add(this.#words, index, delta);
  }

  replace(index: number, expected: number, next: number): boolean {
    return Atomics.compareExchange(this.#words, index, expected, next) === expected;
  }

  replacePair(expectedLow: number, expectedHigh: number, low: number, high: number): boolean {
    const expected = pair(expectedLow, expectedHigh);
    return Atomics.compareExchange(this.#pair, 0, expected, pair(low, high)) === expected;
  }
}
