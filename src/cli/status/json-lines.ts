import type { Overview } from '../../admin/live/live-types.ts';
import type { AdminCallError } from '../admin/admin-call-error.ts';
import type { CommandIo } from '../command-io.ts';
import { LostNotice } from './lost-notice.ts';

/** A watch for programs: each overview as one line of JSON. */
export class JsonLines implements Disposable {
  readonly #io: CommandIo;
  readonly #notice: LostNotice;

  constructor(io: CommandIo) {
    this.#io = io;
    this.#notice = new LostNotice(io);
  }

  show(overview: Overview): void {
    this.#notice.back();
    this.#io.out(`${JSON.stringify(overview)}\n`);
  }

  lost(error: AdminCallError): void {
    this.#notice.lost(error);
  }

  [Symbol.dispose](): void {}
}
