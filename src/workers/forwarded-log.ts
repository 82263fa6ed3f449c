import type { DestinationStream } from 'pino';
import type { DroppedLines } from '../observe/dropped-lines.ts';
import type { Logger } from '../observe/log.ts';
import type { Backlog } from './backlog.ts';

/**
 * Where a worker's log writes: to the main thread, which alone writes to the outside. Two threads that write to one pipe
 * would tear each other's lines.
 */
export class ForwardedLog implements DestinationStream {
  readonly #send: (line: string) => void;
  readonly #backlog: Backlog;
  readonly #total: DroppedLines | null;
  #dropped = 0;

  /** @param total where lines that are dropped are counted besides. @default nowhere */
  constructor(send: (line: string) => void, backlog: Backlog, total: DroppedLines | null = null) {
    this.#send = send;
    this.#backlog = backlog;
    this.#total = total;
  }

  write(line: string): void {
    if (!this.#backlog.hasRoom) {
      this.#dropped++;
      this.#total?.add('gateway', 1);
      return;
    }
    if (this.#dropped > 0) this.#tellDropped();
    this.#pass(line);
  }

  #tellDropped(): void {
    const msg = `${this.#dropped} lines of this worker's log were dropped: the main thread was behind`;
    this.#dropped = 0;
    this.#pass(JSON.stringify({ level: 'warn', event: 'log_dropped', msg }));
  }

  #pass(line: string): void {
    this.#backlog.sent(line.length);
    this.#send(line);
  }
}

type LineLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** The main thread's side: writes the lines of workers into its own log. */
export class ReceivedLog {
  readonly #log: Logger;
  readonly #read: Int32Array;

  constructor(log: Logger, read: Int32Array) {
    this.#log = log;
    this.#read = read;
  }

  /** @param worker who wrote the line */
  take(worker: number, line: string): void {
    Atomics.add(this.#read, worker, line.length);
    // Written by the main thread's own log, they get its time, process and host.
    const { level, time, pid, hostname, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
    const also = err === undefined ? { worker } : { worker, err: asError(err as SerializedError) };
    this.#log[level as LineLevel]({ ...fields, ...also }, msg as string);
  }

  /** A worker has ended: another one begins anew. */
  forget(worker: number): void {
    Atomics.store(this.#read, worker, 0);
  }
}

interface SerializedError {
  readonly type: string;
  readonly message: string;
}

/** What the log serializes to the same again: it takes the name of the class from an error that has no constructor. */
function asError({ type, ...fields }: SerializedError): object {
  return Object.defineProperties({ ...fields }, { constructor: { value: null }, name: { value: type } });
}
