import { clearTimeout, setTimeout } from 'node:timers';
import { type Waiting, WaitingLine } from '../http/waiting-line.ts';

/** Whoever is to be told when his time is over. */
export interface Expiring<T extends Expiring<T>> extends Waiting<T> {
  /** The slot that it waits in; the wheel's own business. */
  slot: Slot<T> | null;
  /** The time is over. It may be a millisecond early, as node's timers are. */
  expired(): void;
}

export interface Slot<T extends Expiring<T>> {
  /** Of the step's size. */
  readonly bits: number;
  readonly number: number;
  readonly line: WaitingLine<T>;
  readonly timer: NodeJS.Timeout;
}

/** A time is overrun by a 64th of itself at most, or by the finest step. */
const SHARE_BITS = 6;
const FINEST_BITS = 2;
const COARSEST_BITS = 24;
/** The longest time that a timer of node takes, 24.8 days: what is armed for longer is told then, and asks again. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Time limits that are nearly never reached: thousands of them share one timer, and to arm one is to join a line. Without
 * it each request would pay for a timer of its own. No timer of it keeps the process alive, or outlives those who wait.
 */
export class DeadlineWheel<T extends Expiring<T>> {
  /** For each size of step the slots that are under way, by their number. */
  readonly #slots: Map<number, Slot<T>>[] = Array.from({ length: COARSEST_BITS + 1 }, () => new Map());
  /** The slot of each size of step that was used last: most often it is the one that is wanted. */
  readonly #last: (Slot<T> | null)[] = Array.from({ length: COARSEST_BITS + 1 }, () => null);

  /**
   * @param now as of `performance.now`
   * @param delayMs over 0
   */
  arm(one: T, now: number, delayMs: number): void {
    const ms = Math.min(delayMs, LONGEST_MS);
    const bits = stepBits(ms);
    const number = Math.ceil((now + ms) / 2 ** bits);
    const last = this.#last[bits];
    const slot = last?.number === number ? last : this.#slot(bits, number, now);
    one.slot = slot;
    slot.line.join(one);
  }

  /** Does nothing when it is not armed. */
  disarm(one: T): void {
    const { slot } = one;
    if (slot === null) return;
    one.slot = null;
    slot.line.leave(one);
    if (slot.line.length > 0) return;
    clearTimeout(slot.timer);
    this.#close(slot);
  }

  #slot(bits: number, number: number, now: number): Slot<T> {
    const slot = this.#slots[bits]?.get(number) ?? this.#open(bits, number, now);
    this.#last[bits] = slot;
    return slot;
  }

  #open(bits: number, number: number, now: number): Slot<T> {
    const told = () => {
      this.#close(slot);
      tellAll(slot);
    };
    const timer = setTimeout(told, Math.ceil(number * 2 ** bits - now)).unref();
    const slot: Slot<T> = { bits, number, line: new WaitingLine(), timer };
    this.#slots[bits]?.set(number, slot);
    return slot;
  }

  #close(slot: Slot<T>): void {
    this.#slots[slot.bits]?.delete(slot.number);
    if (this.#last[slot.bits] === slot) this.#last[slot.bits] = null;
  }
}

function tellAll<T extends Expiring<T>>({ line }: Slot<T>): void {
  for (let { first } = line; first !== null; first = line.first) {
    line.leave(first);
    first.slot = null;
    first.expired();
  }
}

/** The size of step for a time, as a power of two. */
function stepBits(ms: number): number {
  const bits = 32 - Math.clz32(ms) - SHARE_BITS;
  return Math.max(FINEST_BITS, Math.min(COARSEST_BITS, bits));
}
