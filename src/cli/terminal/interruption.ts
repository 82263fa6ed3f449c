import type { CommandIo, StopSignal } from '../command-io.ts';

const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM'];

/** For commands that go on until somebody ends them: by Ctrl-C, by SIGTERM, or by no longer reading their output. */
export class Interruption {
  readonly #io: CommandIo;
  readonly #controller = new AbortController();
  readonly #interrupt = (): void => this.#controller.abort();

  constructor(io: CommandIo) {
    this.#io = io;
    for (const signal of SIGNALS) io.onSignal(signal, this.#interrupt);
    io.outScreen.on('error', this.#interrupt);
  }

  /** Aborted when it has come. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) this.#io.offSignal(signal, this.#interrupt);
    this.#io.outScreen.off('error', this.#interrupt);
  }
}
