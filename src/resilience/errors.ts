/** What the library itself refuses or gives up. Errors of the protected calls are passed on as they are. */
export class ResilienceError extends Error {
  override readonly name: string = 'ResilienceError';
  /** Stable; made for programs, while the message may change. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The circuit breaker did not let the call through. */
export class BreakerOpenError extends ResilienceError {
  override readonly name = 'BreakerOpenError';
  /** Name of the breaker. */
  readonly breaker: string;
  /** Milliseconds until it asks for probes; 0 when probes are under way already. */
  readonly retryAfterMs: number;

  constructor(breaker: string, retryAfterMs: number) {
    super(
      'CIRCUIT_BREAKER_OPEN',
      retryAfterMs > 0
        ? `The circuit breaker "${breaker}" is open; try again in ${retryAfterMs} ms.`
        : `The circuit breaker "${breaker}" is waiting for a probe; try again shortly.`,
    );
    this.breaker = breaker;
    this.retryAfterMs = retryAfterMs;
  }
}

/** A call took longer than it may. */
export class TimeoutError extends ResilienceError {
  override readonly name = 'TimeoutError';
  readonly timeoutMs: number;

  constructor(timeoutMs: number, options?: ErrorOptions) {
    super('TIMEOUT', `No result within ${timeoutMs} ms.`, options);
    this.timeoutMs = timeoutMs;
  }
}

/** All slots of a bulkhead are taken and its queue is full. */
export class BulkheadFullError extends ResilienceError {
  override readonly name = 'BulkheadFullError';
  readonly bulkhead: string;

  constructor(bulkhead: string) {
    super('BULKHEAD_FULL', `The bulkhead "${bulkhead}" is full; try again when calls have finished.`);
    this.bulkhead = bulkhead;
  }
}

/** A place in a bulkhead's queue did not become a slot in time. */
export class BulkheadQueueTimeoutError extends ResilienceError {
  override readonly name = 'BulkheadQueueTimeoutError';
  readonly bulkhead: string;
  readonly timeoutMs: number;

  constructor(bulkhead: string, timeoutMs: number) {
    super('BULKHEAD_QUEUE_TIMEOUT', `No slot of the bulkhead "${bulkhead}" became free in ${timeoutMs} ms.`);
    this.bulkhead = bulkhead;
    this.timeoutMs = timeoutMs;
  }
}

/** An option has a value that cannot be meant. */
export class InvalidOptionError extends ResilienceError {
  override readonly name = 'InvalidOptionError';
  readonly option: string;
  readonly value: unknown;

  /** @param range what is allowed, to complete "must be …" */
  constructor(option: string, value: unknown, range: string) {
    super('INVALID_OPTION', `${option} is ${show(value)}, but must be ${range}.`);
    this.option = option;
    this.value = value;
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' || typeof value === 'boolean' || value == null) return String(value);
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
