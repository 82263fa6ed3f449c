import { InvalidOptionError } from './errors.ts';
import { FallbackExhaustedError, NothingThereError, type StepFailure } from './policy-errors.ts';
import { orAborted } from './timeout.ts';
import { type CallOptions, signalOf } from './work.ts';

export interface FallbackStep<I, T> {
  /** In results, errors and counts; unique in its chain. */
  readonly name: string;
  /**
   * Answers, or throws, or returns `undefined`: it has nothing.
   *
   * @param failures what the steps before failed with
   */
  readonly run: (
    input: I,
    signal: AbortSignal,
    failures: readonly StepFailure[],
  ) => T | undefined | PromiseLike<T | undefined>;
}

export interface FallbackOptions<I, T> {
  /** In errors. */
  readonly name: string;
  /** Tried in this order; at least one. */
  readonly steps: readonly FallbackStep<I, T>[];
  /**
   * Whether the next step may answer instead. A `false` is final: the error is thrown as it is, because it is the
   * answer (no such course), not a breakdown.
   * @default always
   */
  readonly fallsBack?: ((error: unknown, step: string) => boolean) | undefined;
}

export interface FallbackAnswer<T> {
  readonly value: T;
  /** The name of the step that answered. */
  readonly source: string;
  /** Not the first step: somebody should know. */
  readonly degraded: boolean;
  /** What the steps before failed with, in their order. */
  readonly failures: readonly StepFailure[];
}

/** Steps that may answer, the best first. The first one that does wins, and the answer says which it was. */
export class Fallback<I, T> {
  readonly name: string;
  readonly #steps: readonly FallbackStep<I, T>[];
  readonly #fallsBack: (error: unknown, step: string) => boolean;
  readonly #answered = new Map<string, number>();
  #exhausted = 0;

  /** @throws InvalidOptionError no steps, or two of the same name */
  constructor(options: FallbackOptions<I, T>) {
    const names = options.steps.map(({ name }) => name);
    if (names.length === 0 || new Set(names).size < names.length) {
      throw new InvalidOptionError(
        'steps',
        names.join(', '),
        'at least one step, each with a name of its own',
      );
    }
    this.name = options.name;
    this.#steps = [...options.steps];
    this.#fallsBack = options.fallsBack ?? (() => true);
    for (const name of names) this.#answered.set(name, 0);
  }

  /**
   * @throws FallbackExhaustedError every step failed; the signal's reason when it is aborted, since nobody waits
   *   for the other steps then; an error that `fallsBack` declares final
   */
  async execute(input: I, options: CallOptions = {}): Promise<FallbackAnswer<T>> {
    const signal = signalOf(options);
    const failures: StepFailure[] = [];
    for (const { name, run } of this.#steps) {
      signal.throwIfAborted();
      try {
        const value = await orAborted(() => run(input, signal, failures), signal);
        if (value === undefined) throw new NothingThereError(`Step "${name}" of fallback "${this.name}"`);
        this.#answered.set(name, (this.#answered.get(name) ?? 0) + 1);
        return { value, source: name, degraded: failures.length > 0, failures };
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (!this.#fallsBack(error, name)) throw error;
        failures.push({ step: name, error });
      }
    }
    this.#exhausted++;
    throw new FallbackExhaustedError(this.name, failures);
  }

  /** How often each step answered since the start, and how often none did. */
  snapshot(): {
    readonly name: string;
    readonly answered: Record<string, number>;
    readonly exhausted: number;
  } {
    return { name: this.name, answered: Object.fromEntries(this.#answered), exhausted: this.#exhausted };
  }
}
