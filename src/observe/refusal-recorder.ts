import { REFUSALS, type RefusalCode } from '../http/refusal.ts';
import type { ExchangeObserver, ExchangeRecord } from '../proxy/exchange-record.ts';
import { count, countingCells } from './counting-cells.ts';

/** In the order of their cells. */
export const REFUSAL_CODES = Object.keys(REFUSALS) as readonly RefusalCode[];

const CELLS: ReadonlyMap<string, number> = new Map(REFUSAL_CODES.map((code, nth) => [code, nth]));
const LINE_WORDS = 16;

/** Words that one thread's counts of refusals take: whole cache lines. */
export const REFUSAL_WORDS = Math.ceil((REFUSAL_CODES.length * 2) / LINE_WORDS) * LINE_WORDS;

/** Counts the errors that the gateway itself has answered with, of one thread, into memory that it writes alone. */
export class RefusalRecorder implements ExchangeObserver {
  readonly memory: Int32Array;
  readonly #cells: Float64Array;

  /**
   * @param memory REFUSAL_WORDS words, aligned to 8 bytes, that no other thread writes. @default private memory
   * @throws InvalidOptionError `memory` is too small or not aligned
   */
  constructor(memory: Int32Array = new Int32Array(REFUSAL_WORDS)) {
    this.memory = memory;
    this.#cells = countingCells(memory, REFUSAL_WORDS);
  }

  /** Not what a fallback kept from the client, nor what came after a head and could only cut the connection. */
  finished({ errorCode, outcome, status }: ExchangeRecord): void {
    if (errorCode === null || outcome === 'fallback') return;
    if (REFUSALS[errorCode as RefusalCode]?.status === status) this.refused(errorCode);
  }

  /** @param code of REFUSALS; others are not counted */
  refused(code: string): void {
    const cell = CELLS.get(code);
    if (cell !== undefined) count(this.#cells, cell, 1);
  }
}
