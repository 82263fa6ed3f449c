import { InvalidOptionError } from '../resilience/index.ts';

/**
 * Memory that one thread counts in and others read, as doubles: exact up to 2^53, and an aligned one is read and written
 * whole on every 64-bit machine.
 *
 * @param words how many are needed; even
 * @throws InvalidOptionError too few, or not aligned to 8 bytes
 */
export function countingCells(memory: Int32Array, words: number): Float64Array {
  if (!(memory instanceof Int32Array) || memory.length < words || memory.byteOffset % 8 !== 0) {
    throw new InvalidOptionError('memory', memory, `an Int32Array of ${words} words, aligned to 8 bytes`);
  }
  return new Float64Array(memory.buffer, memory.byteOffset, words / 2);
}

/** Nobody else writes the cell. */
export function count(cells: Float64Array, index: number, amount: number): void {
  cells[index] = (cells[index] ?? 0) + amount;
}
