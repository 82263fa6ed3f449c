import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { ChangeMarks } from '../../proxy/cache/change-marks.ts';
import { type Clock, MemoryStore } from '../../resilience/index.ts';
import type { SentEntry, StoreAnswer, StoreCall } from './store-messages.ts';

export interface StoreKeeperOptions {
  readonly maxEntries: number;
  /** Bytes, 1 or more. */
  readonly maxBytes: number;
  readonly marks: ChangeMarks;
  /** Told of everything that is stored, when it can be found. */
  readonly versions: ChangeMarks;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

interface Taken {
  readonly port: MessagePort;
  readonly call: StoreCall;
}

/** What an entry takes beside its text and its body: a Map's entry, its objects, an ArrayBuffer. Bytes, roughly. */
const OVERHEAD_BYTES = 1024;

/** Calls of another worker that are taken before one that found nothing is answered. */
const MAX_SWEPT = 1000;

/** The store of all workers, in the main thread. Whatever it is asked it answers. */
export class StoreKeeper {
  readonly #store: MemoryStore<SentEntry>;
  readonly #marks: ChangeMarks;
  readonly #versions: ChangeMarks;
  readonly #ports = new Set<MessagePort>();
  /** Questions that came out of their turn. */
  #swept: Taken[] = [];

  constructor({ maxEntries, maxBytes, marks, versions, clock }: StoreKeeperOptions) {
    this.#store = new MemoryStore({
      maxEntries,
      maxBytes,
      sizeOf: ({ fields, body }) => OVERHEAD_BYTES + fields.length + body.byteLength,
      clock,
    });
    this.#marks = marks;
    this.#versions = versions;
  }

  /** @returns a worker's end of a new way to the store; it is the worker's death that ends it */
  open(): MessagePort {
    const { port1: port, port2: workersEnd } = new MessageChannel();
    this.#ports.add(port);
    port.on('message', (call: StoreCall) => this.#take(port, call));
    port.on('close', () => this.#ports.delete(port));
    port.unref();
    return workersEnd;
  }

  close(): void {
    for (const port of this.#ports) port.close();
  }

  #take(port: MessagePort, call: StoreCall): void {
    if (call.op === 'get') {
      this.#find(port, call);
      return;
    }
    if (call.op === 'set') this.#set(call.key, call.entry);
    // What has been stored since the change that this is about stays.
    else this.#current(call.key);
    answer(port, { id: call.id });
  }

  #find(port: MessagePort, { id, key }: StoreCall): void {
    let found = this.#current(key);
    if (found === undefined) {
      this.#sweep(port);
      found = this.#current(key);
    }
    // The store keeps its bytes, so that the worker is given others.
    answer(port, { id, entry: found && { ...found, body: found.body.slice(0) } });
  }

  #set(key: string, entry: SentEntry): void {
    // It may have changed on the way here; what is there then may be newer.
    if (entry.mark !== this.#marks.of(key)) return;
    this.#store.set(key, entry, entry.keepMs);
    // Again, after the worker has: a copy made of what was there until now must not pass for one of this.
    this.#versions.changed(key);
  }

  #current(key: string): SentEntry | undefined {
    const found = this.#store.get(key)?.value;
    if (found === undefined || found.mark === this.#marks.of(key)) return found;
    this.#store.delete(key);
    return undefined;
  }

  /**
   * Takes what others have sent meanwhile: each way has a line of its own, and a client that has been answered by one worker
   * may have asked the next before we came to what the first has stored of it.
   */
  #sweep(but: MessagePort): void {
    for (const port of this.#ports) {
      if (port === but) continue;
      for (let taken = 0; taken < MAX_SWEPT; taken++) {
        const received = receiveMessageOnPort(port) as { message: StoreCall } | undefined;
        if (received === undefined) break;
        const call = received.message;
        // It may have to sweep itself, and has then to be answered after what it finds.
        if (call.op !== 'get') this.#take(port, call);
        else if (this.#swept.push({ port, call }) === 1) setImmediate(() => this.#findSwept());
      }
    }
  }

  #findSwept(): void {
    const swept = this.#swept;
    this.#swept = [];
    for (const { port, call } of swept) this.#find(port, call);
  }
}

function answer(port: MessagePort, message: StoreAnswer): void {
  port.postMessage(message, message.entry === undefined ? [] : [message.entry.body]);
}
