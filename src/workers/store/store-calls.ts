import type { MessagePort } from 'node:worker_threads';
import type { Clock, StopTimer, Timer } from '../../resilience/index.ts';
import type { StoreAnswer, StoreOrder } from './store-messages.ts';

/** A worker's end of the way to the main thread's store. */
export type StorePort = Pick<MessagePort, 'close' | 'unref'> & {
  postMessage(message: object, transfer: ArrayBuffer[]): void;
  on(event: 'message', take: (answer: StoreAnswer) => void): unknown;
  on(event: 'close', close: () => void): unknown;
};

export interface StoreCallsOptions {
  readonly clock: Clock;
  /** Must not keep the thread alive. */
  readonly timer: Timer;
}

interface UnderWay {
  readonly askedAt: number;
  readonly bytes: number;
  /** Null once nobody waits for it any more. */
  settle: ((answer: StoreAnswer | null) => void) | null;
}

/** Calls without an answer yet; a main thread that is alive and well has some ten of a busy worker. */
export const MAX_CALLS = 1024;
/** Bodies on their way to the main thread, which take memory beside the store; bytes. */
export const MAX_SENT_BYTES = 16 * 1024 * 1024;
/** Milliseconds after which an answer is not waited for any more: the upstream has one too. */
export const CALL_LIMIT_MS = 1000;

/** The calls of one worker that the main thread's store has not answered yet. */
export class StoreCalls {
  readonly #port: StorePort;
  readonly #clock: Clock;
  readonly #timer: Timer;
  /** The oldest first. */
  readonly #underWay = new Map<number, UnderWay>();
  #lastId = 0;
  #bytes = 0;
  #overdue = 0;
  // One for all: a timer for each call would cost more than the call.
  #stopTimer: StopTimer | null = null;
  #closed = false;

  constructor(port: StorePort, { clock, timer }: StoreCallsOptions) {
    this.#port = port;
    this.#clock = clock;
    this.#timer = timer;
    port.on('message', (answer) => this.#take(answer));
    port.on('close', () => this.close());
    port.unref();
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /**
   * Whether a call would be sent. While one is overdue none is: the main thread answers in order, and what it has not come
   * to still lies in its memory.
   */
  accepts(bytes: number): boolean {
    if (this.#closed || this.#overdue > 0 || this.#underWay.size >= MAX_CALLS) return false;
    return bytes === 0 || this.#bytes === 0 || this.#bytes + bytes <= MAX_SENT_BYTES;
  }

  /**
   * Never rejects; null when there was no answer in time, or the call was not sent.
   *
   * @param body is given away
   */
  send(order: StoreOrder, body?: ArrayBuffer): Promise<StoreAnswer | null> {
    const bytes = body?.byteLength ?? 0;
    if (!this.accepts(bytes)) return Promise.resolve(null);
    const id = ++this.#lastId;
    this.#bytes += bytes;
    this.#port.postMessage({ ...order, id }, body === undefined ? [] : [body]);
    return new Promise((settle) => {
      this.#underWay.set(id, { askedAt: this.#clock.now(), bytes, settle });
      this.#stopTimer ??= this.#timer.start(CALL_LIMIT_MS, () => this.#giveUp());
    });
  }

  /** Nothing is under way afterwards, and nothing is sent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopTimer?.();
    this.#port.close();
    for (const { settle } of this.#underWay.values()) settle?.(null);
    this.#underWay.clear();
  }

  #take(answer: StoreAnswer): void {
    const call = this.#underWay.get(answer.id);
    if (call === undefined) return;
    this.#underWay.delete(answer.id);
    this.#bytes -= call.bytes;
    if (call.settle === null) this.#overdue--;
    else call.settle(answer);
  }

  #giveUp(): void {
    this.#stopTimer = null;
    const now = this.#clock.now();
    for (const call of this.#underWay.values()) {
      if (call.settle === null) continue;
      const leftMs = call.askedAt + CALL_LIMIT_MS - now;
      if (leftMs > 0) {
        this.#stopTimer = this.#timer.start(leftMs, () => this.#giveUp());
        return;
      }
      call.settle(null);
      call.settle = null;
      this.#overdue++;
    }
  }
}
