import type { DestinationStream } from 'pino';
import { backgroundTimer, type StopTimer, type Timer } from '../../resilience/index.ts';

/** A batch that is so long goes on at once: as much as is written to a pipe in one piece. */
const FULL = 16 * 1024;
const LONGEST_WAIT_MS = 50;

/** Collects lines, so that not each of them costs a call of the system or a message to another thread. */
export class LineBatch implements DestinationStream {
  readonly #passOn: (lines: string) => void;
  readonly #timer: Timer;
  #lines = '';
  #stopTimer: StopTimer | null = null;

  /** @param timer @default one that keeps no process alive */
  constructor(passOn: (lines: string) => void, timer: Timer = backgroundTimer) {
    this.#passOn = passOn;
    this.#timer = timer;
  }

  write(line: string): void {
    this.#lines += line;
    if (this.#lines.length >= FULL) this.flush();
    else this.#stopTimer ??= this.#timer.start(LONGEST_WAIT_MS, () => this.flush());
  }

  /** Passes on what has come. */
  flush(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
    const lines = this.#lines;
    this.#lines = '';
    if (lines !== '') this.#passOn(lines);
  }
}
