/** Word 0 is the low half of the pair on every processor that Node runs on but s390x. */
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function pair(low: number, high: number): bigint {
  return LITTLE_ENDIAN
    ? (BigInt(high) << 32n) | BigInt(low >>> 0)
    : (BigInt(low) << 32n) | BigInt(high >>> 0);
}

/**
 * A breaker's words: private, or a slice of a SharedArrayBuffer. Each Atomics operation is a call of 8 to 12 ns
 * where a plain one takes 1, so a private breaker does without; nothing comes between its reads and writes.
 */
export class Memory {
  readonly shared: boolean;
  /** For the few places that touch several words of a private breaker at once. */
  readonly words: Int32Array;
  readonly #pairs: BigInt64Array;

  /** @param words aligned to 8 bytes */
  constructor(words: Int32Array) {
    this.shared = words.buffer instanceof SharedArrayBuffer;
    this.words = words;
    this.#pairs = new BigInt64Array(words.buffer, words.byteOffset, words.length >> 1);
  }

  load(index: number): number {
    return this.shared ? Atomics.load(this.words, index) : this.words[index]!;
  }

  /** May be older than `load` by what another processor has not yet made known; to find out whether to write at all. */
  peek(index: number): number {
    return this.words[index]!;
  }

  store(index: number, value: number): void {
    if (this.shared) Atomics.store(this.words, index, value);
    else this.words[index] = value;
  }

  /** Wraps around. @returns the value before */
  add(index: number, delta: number): number {
    if (this.shared) return Atomics.add(this.words, index, delta);
    const before = this.words[index]!;
    this.words[index] = before + delta;
    return before;
  }

  /** Writes `next` if the word is `expected`. */
  replace(index: number, expected: number, next: number): boolean {
    if (this.shared) return Atomics.compareExchange(this.words, index, expected, next) === expected;
    if (this.words[index] !== expected) return false;
    this.words[index] = next;
    return true;
  }

  /** The same for words 0 and 1 as one. It happens a few times a minute, so BigInt may cost what it does. */
  replacePair(expectedLow: number, expectedHigh: number, low: number, high: number): boolean {
    const expected = pair(expectedLow, expectedHigh);
    return Atomics.compareExchange(this.#pairs, 0, expected, pair(low, high)) === expected;
  }

  /** Adds to two words as one 64-bit number. @param index of the first; even @param delta whole */
  addToPair(index: number, delta: number): void {
    Atomics.add(this.#pairs, index >> 1, BigInt(delta));
  }

  /** Two words as one 64-bit number. */
  loadPair(index: number): number {
    return Number(Atomics.load(this.#pairs, index >> 1));
  }
}
