import { DURATION_BUCKETS, HISTOGRAM_CELLS } from './request-layout.ts';

/**
 * One region per thread, which writes it alone, and which others read while it does. For each place of the RequestLayout
 * and each bucket a slot of a cache line: the last exchange of that route and bucket that was traced, in 32-bit words.
 *
 * SEQUENCE is odd while the slot is being written: what is read between two equal even numbers, not 0, belongs together.
 */
export const SEQUENCE = 0;
/** The cell that the exchange was counted in, from the start of its place: its series, and its bucket. */
export const CELL = 1;
/** 128 bits. */
export const TRACE_ID = 2;
export const TRACE_ID_WORDS = 4;
export const MICROSECONDS = 6;
/** Unix milliseconds, low and high word. */
export const AT_LOW = 7;
export const AT_HIGH = 8;
export const SLOT_WORDS = 16;

const SLOTS_PER_PLACE = DURATION_BUCKETS.length + 1;

/** Words that the exemplars of one thread take. @param routes how many the configuration has */
export function exemplarWords(routes: number): number {
  return exemplarSlots(routes) * SLOT_WORDS;
}

export function exemplarSlots(routes: number): number {
  return (routes + 1) * SLOTS_PER_PLACE;
}

/** @param cell as CELL; a place's series begin at a multiple of their size */
export function slotOf(place: number, cell: number): number {
  return place * SLOTS_PER_PLACE + (cell % HISTOGRAM_CELLS);
}

export function placeOf(slot: number): number {
  return Math.floor(slot / SLOTS_PER_PLACE);
}
