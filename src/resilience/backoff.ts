import { checkAtLeast } from './check-option.ts';
import { InvalidOptionError } from './errors.ts';

/**
 * How a delay is spread, so that clients that failed together do not come back together:
 * `none` not at all · `full` from 0 to the delay · `equal` from half of it to all of it · `decorrelated` from
 * `initialMs` to three times the delay before (then `factor` plays no part).
 */
export type Jitter = 'none' | 'full' | 'equal' | 'decorrelated';

export interface BackoffOptions {
  /** Milliseconds before the first retry, 0 or more. @default 50 */
  readonly initialMs?: number | undefined;
  /** By which each delay is longer than the one before, 1 or more. @default 2 */
  readonly factor?: number | undefined;
  /** No delay is longer, in milliseconds; at least `initialMs`. @default 1000 */
  readonly maxMs?: number | undefined;
  /** @default 'full': the least load on a service in trouble for a given number of clients */
  readonly jitter?: Jitter | undefined;
  /** From 0 to under 1. @default Math.random */
  readonly random?: (() => number) | undefined;
}

const JITTERS: readonly Jitter[] = ['none', 'full', 'equal', 'decorrelated'];

/** Exponential backoff. It holds no state, so one serves every call. */
export class Backoff {
  readonly #initialMs: number;
  readonly #factor: number;
  readonly #maxMs: number;
  readonly #jitter: Jitter;
  readonly #random: () => number;

  /** @throws InvalidOptionError */
  constructor(options: BackoffOptions = {}) {
    const { initialMs = 50, factor = 2, maxMs = 1000, jitter = 'full', random = Math.random } = options;
    checkAtLeast('initialMs', initialMs, 0);
    checkAtLeast('factor', factor, 1);
    checkAtLeast('maxMs', maxMs, initialMs);
    if (!JITTERS.includes(jitter)) {
      throw new InvalidOptionError('jitter', jitter, `one of ${JITTERS.join(', ')}`);
    }
    this.#initialMs = initialMs;
    this.#factor = factor;
    this.#maxMs = maxMs;
    this.#jitter = jitter;
    this.#random = random;
  }

  /**
   * @param retry 1 for the first retry
   * @param previousMs the delay before the retry before; counts for decorrelated jitter only
   * @returns milliseconds, never more than `maxMs`
   */
  delayMs(retry: number, previousMs = this.#initialMs): number {
    if (this.#jitter === 'decorrelated') {
      const upTo = Math.max(this.#initialMs, previousMs * 3);
      return Math.min(this.#maxMs, this.#initialMs + this.#random() * (upTo - this.#initialMs));
    }
    // 0 stays 0: times a power that overflows to Infinity it would be NaN.
    const grown = this.#initialMs === 0 ? 0 : this.#initialMs * this.#factor ** (retry - 1);
    const delayMs = Math.min(this.#maxMs, grown);
    if (this.#jitter === 'full') return this.#random() * delayMs;
    if (this.#jitter === 'equal') return delayMs / 2 + (this.#random() * delayMs) / 2;
    return delayMs;
  }
}
