import { ResilienceError } from './errors.ts';

/** What a step of a fallback chain failed with. */
export interface StepFailure {
  readonly step: string;
  readonly error: unknown;
}

/** Every step of a fallback chain failed. `cause` is the error of the first one, which is what went wrong. */
export class FallbackExhaustedError extends ResilienceError {
  override readonly name = 'FallbackExhaustedError';
  /** One per step that was tried, in their order. */
  readonly failures: readonly StepFailure[];

  constructor(chain: string, failures: readonly StepFailure[]) {
    const steps = failures.map(({ step, error }) => `${step}: ${messageOf(error)}`).join('; ');
    super('FALLBACK_EXHAUSTED', `Fallback "${chain}" has no answer (${steps})`, {
      cause: failures[0]?.error,
    });
    this.failures = failures;
  }
}

/** A step of a fallback chain, or a load of a cache, that had nothing to give. */
export class NothingThereError extends ResilienceError {
  override readonly name = 'NothingThereError';

  constructor(where: string) {
    super('NOTHING_THERE', `${where} had nothing`);
  }
}

/** What stopped a batch before its end. */
export type BatchStop = 'breaker_open' | 'aborted' | 'stop_on' | null;

export interface BatchFailure<I> {
  readonly index: number;
  readonly item: I;
  readonly error: unknown;
}

export interface BatchSuccess<I, R> {
  readonly index: number;
  readonly item: I;
  readonly value: R;
}

export interface BatchReport<I, R> {
  readonly succeeded: readonly BatchSuccess<I, R>[];
  readonly failed: readonly BatchFailure<I>[];
  /** Indices of items that were never begun, because the batch stopped. */
  readonly notStarted: readonly number[];
  /** Null: every item was tried. */
  readonly stoppedBy: BatchStop;
}

/** A batch in which something failed, or which stopped early. `errors` holds every error, in the items' order. */
export class BatchError<I = unknown, R = unknown> extends AggregateError implements BatchReport<I, R> {
  override readonly name = 'BatchError';
  readonly code = 'BATCH_FAILED';
  readonly succeeded: readonly BatchSuccess<I, R>[];
  readonly failed: readonly BatchFailure<I>[];
  readonly notStarted: readonly number[];
  readonly stoppedBy: BatchStop;

  constructor(report: BatchReport<I, R>, cause?: unknown) {
    const { succeeded, failed, notStarted, stoppedBy } = report;
    const stopped = stoppedBy === null ? '' : `, ${notStarted.length} not started (${stoppedBy})`;
    super(
      failed.map(({ error }) => error),
      `Batch: ${succeeded.length} succeeded, ${failed.length} failed${stopped}`,
      cause === undefined ? undefined : { cause },
    );
    this.succeeded = succeeded;
    this.failed = failed;
    this.notStarted = notStarted;
    this.stoppedBy = stoppedBy;
  }
}

/** Characters of each error in the message of another: some carry a whole page. All of it is in `failures`. */
const LONGEST_MESSAGE = 200;

function messageOf(error: unknown): string {
  const text = textOf(error);
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text;
}

function textOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    // Anything can be thrown, an object without a prototype too.
    return 'an error without a text';
  }
}
