import { batch, type CallOptions, CircuitBreaker, type Clock } from '../../src/resilience/index.ts';

export interface Enrolment {
  readonly student: string;
  readonly course: string;
}

/** The other side: takes one enrolment at a time. */
export interface EnrolmentService {
  enrol(enrolment: Enrolment, signal: AbortSignal): Promise<string>;
}

/** Enrols many students, a few at a time, and stops when the service breaks down instead of failing thousands. */
export class BulkEnrolment {
  readonly breaker: CircuitBreaker;
  readonly #service: EnrolmentService;

  constructor(service: EnrolmentService, clock?: Clock) {
    this.#service = service;
    this.breaker = new CircuitBreaker({
      name: 'enrolment-service',
      failureThreshold: 5,
      openTimeoutMs: 60_000,
      ...(clock && { clock }),
    });
  }

  /**
   * @returns the numbers of the enrolments, in the order given
   * @throws BatchError with what succeeded, all errors, and what was not begun: enough to go on later
   */
  enrolAll(enrolments: readonly Enrolment[], options: CallOptions = {}): Promise<string[]> {
    return batch(
      enrolments,
      (enrolment, signal) =>
        this.breaker.execute((bounded) => this.#service.enrol(enrolment, bounded), { signal }),
      { concurrency: 4, breaker: this.breaker, signal: options.signal },
    );
  }
}
