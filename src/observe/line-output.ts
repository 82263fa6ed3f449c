import { closeSync, openSync } from 'node:fs';
import { pino } from 'pino';
import { LogStartError } from './log-start-error.ts';

/**
 * Bytes of lines that may wait for a slow reader; later ones are dropped. Without it a stuck log collector would fill the
 * memory, and with blocking writes it would stop the gateway.
 */
const MAX_UNWRITTEN_BYTES = 4 * 1024 * 1024;

/** Milliseconds that all which waits may take at the end; a stop of the process has five seconds for such things. */
const CLOSE_MS = 4_000;

/** Milliseconds after which, at the end, a reader that takes nothing is waited for no longer. */
const QUIET_MS = 500;

/** Who asks who, and what for: nothing for every user of the machine. */
const FILE_MODE = 0o640;

type Stream = ReturnType<typeof pino.destination>;

let standard: LineOutput | null = null;

/** Where lines leave the process. It can neither stop nor end the gateway: not when a disk is full, not when nobody reads. */
export class LineOutput {
  readonly #stream: Stream;
  readonly #reopen: (() => void) | null;
  #dropped = false;
  #gone = false;
  #waiting = false;
  #failing = false;

  private constructor(stream: Stream, reopen: (() => void) | null, onFailing?: (error: Error) => void) {
    this.#stream = stream;
    this.#reopen = reopen;
    stream.on('drop', () => {
      this.#dropped = true;
    });
    stream.on('drain', () => {
      this.#waiting = false;
    });
    // Such as ENOSPC, which without a listener would end the process. The lines are kept and tried again with the next.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#gone ||= error.code === 'EPIPE';
      if (!this.#failing) onFailing?.(error);
      this.#failing = true;
    });
    stream.on('write', () => {
      this.#failing = false;
    });
    // Pino's own, at exit, tries for ever, or blocks. Writes under way keep the process alive until they are done.
    stream.flushSync = () => {};
  }

  /** The one for standard output: two would tear each other's lines. */
  static standard(): LineOutput {
    standard ??= new LineOutput(
      pino.destination({ dest: 1, sync: false, maxLength: MAX_UNWRITTEN_BYTES }),
      null,
    );
    return standard;
  }

  /**
   * Appends to a file, which SIGHUP opens anew until `close`: so it can be moved out of the way.
   *
   * @param onFailing told when writing begins to fail, such as on a full disk; the lines wait meanwhile. @default nobody is
   * @throws {LogStartError} `LOG_FILE_FAILED`
   */
  static file(path: string, onFailing?: (error: Error) => void): LineOutput {
    try {
      closeSync(openSync(path, 'a', FILE_MODE));
    } catch (error) {
      const { message } = error as Error;
      throw new LogStartError('LOG_FILE_FAILED', `the access log cannot be written: ${message}`, error);
    }
    const options = { append: true, mode: FILE_MODE, sync: false, maxLength: MAX_UNWRITTEN_BYTES };
    const stream = pino.destination({ dest: path, ...options });
    const reopen = (): void => stream.reopen();
    process.on('SIGHUP', reopen);
    return new LineOutput(stream, reopen, onFailing);
  }

  /**
   * @param lines whole ones, each with its end
   * @returns false: there was no room, or nobody reads any more, and nothing of them is written
   */
  write(lines: string): boolean {
    if (this.#gone) return false;
    this.#dropped = false;
    this.#waiting = true;
    this.#stream.write(lines);
    return !this.#dropped;
  }

  /** Waits until all is written, as long as that goes on. Standard output stays open for others. */
  async close(): Promise<void> {
    if (this.#reopen !== null) process.off('SIGHUP', this.#reopen);
    const written = await this.#written();
    if (this.#reopen === null || this.#gone) return;
    const stream = this.#stream;
    // Whoever is late must not be told by an error.
    this.#gone = true;
    if (!written) {
      stream.destroy();
      return;
    }
    const closed = Promise.withResolvers<void>();
    stream.on('close', closed.resolve);
    stream.on('error', () => closed.resolve());
    stream.end();
    await closed.promise;
  }

  async #written(): Promise<boolean> {
    if (this.#gone || !this.#waiting) return !this.#gone;
    const stream = this.#stream;
    const over = Promise.withResolvers<boolean>();
    const giveUp = (): void => over.resolve(false);
    const done = (): void => over.resolve(true);
    const late = setTimeout(giveUp, CLOSE_MS);
    const quiet = setTimeout(giveUp, QUIET_MS);
    const goesOn = (): unknown => quiet.refresh();
    stream.on('write', goesOn);
    stream.on('drain', done);
    try {
      return await over.promise;
    } finally {
      stream.off('write', goesOn);
      stream.off('drain', done);
      clearTimeout(late);
      clearTimeout(quiet);
    }
  }
}
