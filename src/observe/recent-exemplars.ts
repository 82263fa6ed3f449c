import {
  AT_HIGH,
  AT_LOW,
  CELL,
  exemplarSlots,
  MICROSECONDS,
  placeOf,
  SEQUENCE,
  SLOT_WORDS,
  TRACE_ID,
  TRACE_ID_WORDS,
} from './exemplar-layout.ts';
import { PLACE_CELLS } from './request-layout.ts';

/** A traced exchange as an example of a bucket. */
export interface Exemplar {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  readonly seconds: number;
  /** Unix milliseconds. */
  readonly at: number;
}

/** A writer is in the middle of a slot for less than a microsecond, once a second. */
const TRIES = 4;

/** What the ExemplarRecorders of all threads have noted last. */
export class RecentExemplars {
  #newest = new Map<number, Exemplar>();
  readonly #slots: number;
  readonly #memories: readonly Int32Array[];

  /**
   * @param routes how many the configuration has
   * @param memories one of each thread
   */
  constructor(routes: number, memories: readonly Int32Array[]) {
    this.#slots = exemplarSlots(routes);
    this.#memories = memories;
  }

  /** The newest of those that were counted in the cell of the place; undefined: there was none. */
  of(place: number, cell: number): Exemplar | undefined {
    return this.#newest.get(place * PLACE_CELLS + cell);
  }

  read(): void {
    this.#newest = new Map();
    for (const words of this.#memories) {
      for (let slot = 0; slot < this.#slots; slot++) {
        const found = readSlot(words, slot * SLOT_WORDS);
        if (found === null) continue;
        const { cell, ...exemplar } = found;
        const key = placeOf(slot) * PLACE_CELLS + cell;
        if (exemplar.at > (this.#newest.get(key)?.at ?? 0)) this.#newest.set(key, exemplar);
      }
    }
  }
}

/** Null: nothing is in it, or nothing that is whole. */
function readSlot(words: Int32Array, at: number): (Exemplar & { readonly cell: number }) | null {
  for (let nth = 0; nth < TRIES; nth++) {
    const sequence = Atomics.load(words, at + SEQUENCE);
    if (sequence === 0) return null;
    if ((sequence & 1) === 1) continue;
    let traceId = '';
    for (let word = 0; word < TRACE_ID_WORDS; word++)
      traceId += hex(Atomics.load(words, at + TRACE_ID + word));
    const found = {
      cell: Atomics.load(words, at + CELL),
      traceId,
      seconds: Atomics.load(words, at + MICROSECONDS) / 1e6,
      at: Atomics.load(words, at + AT_HIGH) * 2 ** 32 + (Atomics.load(words, at + AT_LOW) >>> 0),
    };
    if (Atomics.load(words, at + SEQUENCE) === sequence) return found;
  }
  return null;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
