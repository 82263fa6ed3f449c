import { checkWhole } from './check-option.ts';
import { InvalidOptionError } from './errors.ts';

/** Which of the threads that share memory this one is. */
export interface ThreadPlace {
  /** From 0. A thread that takes the place of a dead one gets its index, after `forgetThread`. */
  readonly index: number;
  /** How many there are, the main thread included; the same in all of them. */
  readonly count: number;
}

const ALONE: ThreadPlace = { index: 0, count: 1 };

/** @throws InvalidOptionError */
export function checkThread(thread: ThreadPlace = ALONE): ThreadPlace {
  checkWhole('thread.count', thread.count, 1);
  checkIndex('thread.index', thread.index, thread.count);
  return thread;
}

/**
 * Only another thread can be dead.
 *
 * @throws InvalidOptionError
 */
export function checkOther(index: number, thread: ThreadPlace): void {
  checkIndex('index', index, thread.count);
  if (index === thread.index) throw new InvalidOptionError('index', index, 'another thread than this one');
}

/**
 * @param words what was given as the option `memory`
 * @throws InvalidOptionError
 */
export function checkMemory(words: Int32Array, needed: number): Int32Array {
  if (!(words instanceof Int32Array) || words.length < needed || words.byteOffset % 8 !== 0) {
    throw new InvalidOptionError('memory', words, `an Int32Array of ${needed} words, aligned to 8 bytes`);
  }
  return words;
}

function checkIndex(option: string, index: number, count: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new InvalidOptionError(option, index, `a whole number from 0 to ${count - 1}`);
  }
}
