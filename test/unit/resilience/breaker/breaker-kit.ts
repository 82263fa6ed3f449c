import {
  type BreakerTransition,
  CircuitBreaker,
  type CircuitBreakerOptions,
  ManualClock,
  type Outcome,
  type Permit,
  REFUSED,
  wordsNeeded,
} from '../../../../src/resilience/index.ts';

export const KINDS = ['private', 'shared'] as const;

/** A breaker with its time in hand, on private or shared memory, and what it told. */
export class BreakerKit {
  readonly clock = new ManualClock();
  readonly breaker: CircuitBreaker;
  readonly transitions: BreakerTransition[] = [];

  constructor(options: Partial<CircuitBreakerOptions> = {}, kind: (typeof KINDS)[number] = 'private') {
    const memory =
      kind === 'shared' ? new Int32Array(new SharedArrayBuffer(wordsNeeded(options) * 4)) : undefined;
    this.breaker = new CircuitBreaker({ name: 'service', clock: this.clock, memory, ...options });
    this.breaker.on('transition', (transition) => this.transitions.push(transition));
  }

  /** Makes calls that must be let through. @returns what `settle` said of the last */
  calls(times: number, outcome: Outcome | 'timeout', durationMs?: number): boolean {
    let counted = false;
    for (let call = 0; call < times; call++)
      counted = this.breaker.settle(this.permit(), outcome, durationMs);
    return counted;
  }

  fail(times: number): boolean {
    return this.calls(times, 'failure');
  }

  succeed(times: number): boolean {
    return this.calls(times, 'success');
  }

  /** A permit that must be given. */
  permit(): Permit {
    const permit = this.breaker.tryAcquire();
    if (permit === REFUSED) throw new Error(`refused while ${this.breaker.state}`);
    return permit;
  }

  get refuses(): boolean {
    return this.breaker.tryAcquire() === REFUSED;
  }

  /** As `CLOSED>OPEN: max failures reached`. */
  get story(): string[] {
    return this.transitions.map(({ from, to, reason }) => `${from}>${to}: ${reason.message}`);
  }
}
