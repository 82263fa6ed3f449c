import type { CommandIo } from './command-io.ts';

const FIRST_MS = 1000;
/** Seldom enough that a stop of a minute is no page of them. */
const NEXT_MS = 10_000;

/** Says what is waited for when something takes longer than a second, and again every ten seconds, until disposed of. */
export class WaitNotice implements Disposable {
  readonly #started = performance.now();
  #timer: NodeJS.Timeout;

  /** @param text told how many milliseconds have passed; null: nothing to say now */
  constructor(io: Pick<CommandIo, 'err'>, text: (passedMs: number) => string | null) {
    const say = (): void => {
      const line = text(performance.now() - this.#started);
      if (line !== null) io.err(`${line}\n`);
      this.#timer = setTimeout(say, NEXT_MS).unref();
    };
    this.#timer = setTimeout(say, FIRST_MS).unref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
