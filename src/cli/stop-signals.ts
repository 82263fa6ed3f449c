import type { CommandIo, StopSignal } from './command-io.ts';

const SIGNALS: readonly StopSignal[] = ['SIGTERM', 'SIGINT'];

/** Hears the signals that ask for a stop, from its making until `end`. A second one ends the process at once, with 1. */
export class StopSignals {
  readonly #io: CommandIo;
  readonly #first = Promise.withResolvers<void>();
  readonly #listeners: ReadonlyMap<StopSignal, () => void>;
  #asked = false;

  constructor(io: CommandIo) {
    this.#io = io;
    this.#listeners = new Map(SIGNALS.map((signal) => [signal, () => this.#heard(signal)]));
    for (const [signal, listener] of this.#listeners) io.onSignal(signal, listener);
  }

  /** The first one has come. */
  get first(): Promise<void> {
    return this.#first.promise;
  }

  end(): void {
    for (const [signal, listener] of this.#listeners) this.#io.offSignal(signal, listener);
  }

  #heard(signal: StopSignal): void {
    if (this.#asked) {
      this.#io.err(`${signal} again: breakwater ends now\n`);
      this.#io.exit(1);
      return;
    }
    this.#asked = true;
    this.#io.err(`${signal}: breakwater stops accepting and lets running requests finish\n`);
    this.#first.resolve();
  }
}
