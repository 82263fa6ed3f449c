import type { ConnectionTally } from '../http/full/inbound-server.ts';

/** The client connections of the only thread. */
export class ConnectionCount implements ConnectionTally {
  readonly elsewhere = 0;
  #open = 0;

  get open(): number {
    return this.#open;
  }

  note(open: number): void {
    this.#open = open;
  }
}
