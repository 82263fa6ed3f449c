import type { AdminCallError } from '../admin/admin-call-error.ts';
import type { CommandIo } from '../command-io.ts';
import { oneLine } from '../terminal/one-line.ts';

/** Says once that the gateway is away, and once that it is back. */
export class LostNotice {
  readonly #io: Pick<CommandIo, 'err'>;
  #lost = false;

  constructor(io: Pick<CommandIo, 'err'>) {
    this.#io = io;
  }

  lost({ message }: AdminCallError): void {
    if (!this.#lost) this.#io.err(`gateway unreachable, trying again: ${oneLine(message)}\n`);
    this.#lost = true;
  }

  back(): void {
    if (this.#lost) this.#io.err('the gateway answers again\n');
    this.#lost = false;
  }
}
