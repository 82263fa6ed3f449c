import type { CacheStore, StoredValue } from './cache-store.ts';
import { checkWhole } from './check-option.ts';
import { type Clock, systemClock } from './clock.ts';

export interface MemoryStoreOptions<V> {
  /** Values that are kept at most, 1 or more. @default 1000 */
  readonly maxEntries?: number | undefined;
  /** Bytes that keys and values may take together, by `sizeOf`. @default no limit */
  readonly maxBytes?: number | undefined;
  /** Bytes of a value. @default those of a string or a byte array; of anything else, of its JSON */
  readonly sizeOf?: ((value: V) => number) | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

interface Entry<V> {
  readonly value: V;
  readonly storedAt: number;
  readonly keepMs: number;
  readonly bytes: number;
}

/**
 * Values in memory, bounded; what was not used for longest goes first. It gives back the object that was stored,
 * not a copy: treat it as frozen.
 */
export class MemoryStore<V> implements CacheStore<V> {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #sizeOf: (value: V) => number;
  readonly #clock: Clock;
  // A Map keeps the order of insertion: the first is the one that was not used for longest.
  readonly #entries = new Map<string, Entry<V>>();
  #bytes = 0;

  /** @throws InvalidOptionError */
  constructor(options: MemoryStoreOptions<V> = {}) {
    const { maxEntries = 1000, maxBytes, sizeOf = bytesOf, clock = systemClock } = options;
    checkWhole('maxEntries', maxEntries, 1);
    if (maxBytes !== undefined) checkWhole('maxBytes', maxBytes, 1);
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes ?? Number.POSITIVE_INFINITY;
    this.#sizeOf = maxBytes === undefined ? () => 0 : sizeOf;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What the limit compares; 0 without `maxBytes`. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): StoredValue<V> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const ageMs = this.#clock.now() - entry.storedAt;
    if (ageMs >= entry.keepMs) {
      this.delete(key);
      return undefined;
    }
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return { value: entry.value, ageMs };
  }

  /** A value that is larger than `maxBytes` by itself, or whose size is no number, is not kept. */
  set(key: string, value: V, keepMs: number): void {
    this.delete(key);
    const size = this.#sizeOf(value);
    const bytes = this.#maxBytes === Number.POSITIVE_INFINITY ? 0 : key.length * 2 + size;
    // Added up, a size that is no number would make every later comparison false.
    if (!(size >= 0 && bytes <= this.#maxBytes)) return;
    this.#entries.set(key, { value, storedAt: this.#clock.now(), keepMs, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}

function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (ArrayBuffer.isView(value)) return value.byteLength;
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}
