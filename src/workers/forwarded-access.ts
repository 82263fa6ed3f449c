import type { AccessDrops } from '../observe/access-log/access-drops.ts';
import type { AccessOutput } from '../observe/access-log/access-output.ts';
import type { Backlog } from './backlog.ts';

/** A worker's way out for its access log: to the main thread, which alone writes. */
export class ForwardedAccess {
  readonly #send: (lines: string) => void;
  readonly #backlog: Backlog;
  readonly #drops: AccessDrops;

  constructor(send: (lines: string) => void, backlog: Backlog, drops: AccessDrops) {
    this.#send = send;
    this.#backlog = backlog;
    this.#drops = drops;
  }

  /** @param lines whole ones */
  readonly write = (lines: string): void => {
    if (!this.#backlog.hasRoom) {
      this.#drops.dropped(lines);
      return;
    }
    this.#backlog.sent(lines.length);
    this.#send(lines);
    this.#drops.written();
  };
}

/** The main thread's side. */
export class ReceivedAccess {
  readonly #output: Pick<AccessOutput, 'write'>;
  readonly #read: Int32Array;

  /** @param read for each thread the characters that have been read */
  constructor(output: Pick<AccessOutput, 'write'>, read: Int32Array) {
    this.#output = output;
    this.#read = read;
  }

  /** @param worker who took the requests */
  take(worker: number, lines: string): void {
    Atomics.add(this.#read, worker, lines.length);
    this.#output.write(lines);
  }

  /** A worker has ended: another one begins anew. */
  forget(worker: number): void {
    Atomics.store(this.#read, worker, 0);
  }
}
