import type { BreakerState, ForcedState, ResolvedBreakerOptions } from '../../../../src/resilience/index.ts';

type Result = 'success' | 'failure' | 'timeout' | 'excluded';

interface Call {
  readonly at: number;
  readonly failed: boolean;
  readonly slow: boolean;
}

export interface ReferencePermit {
  /** The generation, or null for a call that `observe` let through where it would have refused. */
  readonly generation: number | null;
}

interface Counts {
  failures: number;
  successes: number;
  requests: number;
  slow: number;
}

/**
 * What a breaker does, said as plainly as possible: lists that are searched, numbers that never wrap, one thread.
 * It shares no code and no idea of storage with the implementation.
 */
export class ReferenceBreaker {
  readonly #options: ResolvedBreakerOptions;
  now = 0;
  state: BreakerState = 'CLOSED';
  forced: ForcedState | null = null;
  transitions = 0;
  changedAt = 0;
  readonly told: unknown[] = [];
  readonly totals = { successes: 0, failures: 0, timeouts: 0, refused: 0, excluded: 0, slow: 0 };
  inFlight = 0;
  streak = 0;
  rule: string | null = null;
  #generation = 0;
  #calls: Call[] = [];
  #periodFrom = { successes: 0, failures: 0 };
  #kept: Counts = { failures: 0, successes: 0, requests: 0, slow: 0 };
  #probeSuccesses = 0;
  #openUntil = 0;
  #openedAt = 0;
  #leaseUntil = 0;
  #growth = 0;
  #evidenceFrom = 0;

  constructor(options: ResolvedBreakerOptions) {
    this.#options = options;
  }

  acquire(): ReferencePermit | null {
    if (this.state === 'OPEN' && this.forced === null && this.now >= this.#openUntil) {
      this.#enter('HALF_OPEN', null, 'open_time_over');
    }
    if (this.state === 'HALF_OPEN' && this.inFlight > 0 && this.now >= this.#leaseUntil)
      this.#open('probe_lost');
    if (this.state === 'CLOSED') return { generation: this.#generation };
    if (this.state === 'HALF_OPEN' && this.inFlight < this.#options.halfOpenRequests) {
      this.inFlight++;
      this.#leaseUntil = this.now + this.#options.halfOpenTimeoutMs;
      return { generation: this.#generation };
    }
    this.totals.refused++;
    return this.#options.mode === 'observe' && this.forced === null ? { generation: null } : null;
  }

  settle(permit: ReferencePermit, result: Result, durationMs: number): boolean {
    if (permit.generation === null) {
      this.#count(result, durationMs);
      return false;
    }
    if (permit.generation !== this.#generation || this.state === 'OPEN') return false;
    if (this.state === 'HALF_OPEN') return this.#settleProbe(result, durationMs);
    if (this.#options.mode === 'disabled') return false;
    const slow = this.#count(result, durationMs);
    if (result === 'excluded') return true;
    const failed = result !== 'success';
    this.#calls.push({ at: this.now, failed, slow });
    this.streak = failed ? this.streak + 1 : 0;
    if (!failed && this.#growth > 0 && this.now >= this.#evidenceFrom) this.#growth = 0;
    if (this.forced === null) {
      const rule = this.#brokenRule();
      // Without a window a success can open nothing: it ends the row.
      if (rule !== null) this.#open(rule);
    }
    return true;
  }

  reset(): void {
    this.#growth = 0;
    this.rule = null;
    const counts = this.counts();
    this.#kept = { failures: 0, successes: 0, requests: 0, slow: 0 };
    this.#enter('CLOSED', null, 'reset', counts);
  }

  forceOpen(): void {
    if (this.forced === 'open') return;
    this.#openUntil = this.now;
    this.#noteOpening('forced_open');
    this.#enter('OPEN', 'open', 'forced_open');
  }

  forceClose(): void {
    if (this.forced !== 'closed') this.#enter('CLOSED', 'closed', 'forced_closed');
  }

  release(): void {
    if (this.forced === 'open') this.#enter('HALF_OPEN', null, 'released');
    else if (this.forced === 'closed') this.#enter('CLOSED', null, 'released');
  }

  get visible(): BreakerState {
    return this.#options.mode === 'observe' && this.forced === null ? 'CLOSED' : this.state;
  }

  get retryAfterMs(): number {
    if (this.visible !== 'OPEN') return 0;
    if (this.forced === 'open') return this.#options.openTimeoutMs.initialMs;
    return Math.max(0, this.#openUntil - this.now);
  }

  counts(): Counts {
    if (this.state !== 'CLOSED') {
      return { ...this.#kept, successes: this.state === 'HALF_OPEN' ? this.#probeSuccesses : 0 };
    }
    if (this.#options.window === null) {
      const successes = this.totals.successes - this.#periodFrom.successes;
      const failures = this.totals.failures - this.#periodFrom.failures;
      return { failures: this.streak, successes, requests: successes + failures, slow: 0 };
    }
    const calls = this.#windowCalls();
    const failures = calls.filter(({ failed }) => failed).length;
    const slow = calls.filter((call) => call.slow).length;
    return { failures, successes: calls.length - failures, requests: calls.length, slow };
  }

  #windowCalls(): Call[] {
    const { window } = this.#options;
    if (window === null) return [];
    if (window.type === 'count') return this.#calls.slice(-window.size);
    const slice = (at: number): number => Math.floor((at * window.buckets) / window.durationMs);
    return this.#calls.filter(({ at }) => slice(this.now) - slice(at) < window.buckets);
  }

  #brokenRule(): string | null {
    const { failureThreshold, consecutiveFailures, failureRate, slowCall, window } = this.#options;
    const { failures, requests, slow } = this.counts();
    const inRow = (limit: number | null): boolean => limit !== null && this.streak >= limit;
    const share = (part: number, percent: number): boolean =>
      requests >= this.#options.minRequests && part / requests >= (percent - 1e-9) / 100;
    if (window !== null && failureThreshold !== null && failures >= failureThreshold) {
      if (requests >= this.#options.minRequestsForFailures) return 'failures';
    }
    if (inRow(consecutiveFailures) || (window === null && inRow(failureThreshold)))
      return 'consecutive_failures';
    if (failureRate !== null && share(failures, failureRate)) return 'failure_rate';
    return slowCall !== null && share(slow, slowCall.rate) ? 'slow_call_rate' : null;
  }

  #settleProbe(result: Result, durationMs: number): boolean {
    if (this.now >= this.#leaseUntil) {
      this.#open('probe_lost');
      return false;
    }
    const slow = this.#count(result, durationMs);
    if (result === 'excluded') this.inFlight--;
    else if (result !== 'success' || slow) {
      this.streak++;
      this.#open('probe_failed');
    } else {
      this.streak = 0;
      this.#probeSuccesses++;
      if (this.#probeSuccesses >= this.#options.successThreshold) {
        this.#enter('CLOSED', null, 'recovered');
      } else this.inFlight--;
    }
    return true;
  }

  #open(rule: string): void {
    if (this.#options.mode === 'disabled' && this.state === 'CLOSED') return;
    const { initialMs, factor, maxMs } = this.#options.openTimeoutMs;
    this.#openUntil = this.now + Math.min(maxMs, initialMs * factor ** this.#growth);
    if (factor > 1) this.#growth++;
    this.#noteOpening(rule);
    this.#enter('OPEN', null, rule);
  }

  #noteOpening(rule: string): void {
    const failedProbe = rule === 'probe_failed' ? 1 : 0;
    const { failures, successes, requests, slow } = this.counts();
    if (this.state === 'CLOSED') this.#openedAt = this.now;
    this.rule = rule;
    this.#kept = { failures: failures + failedProbe, successes, requests: requests + failedProbe, slow };
  }

  #enter(state: BreakerState, forced: ForcedState | null, rule: string, counts?: Counts): void {
    const from = this.visible;
    const opening = state === 'OPEN';
    const { failures, successes, requests } = counts ?? (opening ? this.#kept : this.counts());
    this.state = state;
    this.forced = forced;
    this.#generation++;
    this.inFlight = 0;
    this.#probeSuccesses = 0;
    this.#calls = [];
    if (state === 'CLOSED') {
      this.streak = 0;
      this.#periodFrom = { successes: this.totals.successes, failures: this.totals.failures };
      const { initialMs, factor, maxMs } = this.#options.openTimeoutMs;
      const lastMs = Math.min(maxMs, initialMs * factor ** Math.max(0, this.#growth - 1));
      this.#evidenceFrom = this.now + (rule === 'recovered' ? lastMs : 0);
    }
    this.#leaseUntil = this.now + this.#options.halfOpenTimeoutMs;
    const to = this.visible;
    const story = { rule, at: this.now, counts: { failures, successes, requests } };
    if (from !== to) {
      this.transitions++;
      this.changedAt = this.now;
      const retryAfterMs = to === 'OPEN' && forced === null ? this.#openUntil - this.now : undefined;
      const openForMs = to === 'CLOSED' ? this.now - this.#openedAt : undefined;
      this.told.push({ event: 'transition', from, to, retryAfterMs, openForMs, ...story });
    } else if (this.#options.mode === 'observe' && opening && forced === null) {
      this.told.push({ event: 'would_open', retryAfterMs: this.#openUntil - this.now, ...story });
    }
  }

  #count(result: Result, durationMs: number): boolean {
    if (result === 'excluded') {
      this.totals.excluded++;
      return false;
    }
    const limit = this.#options.slowCall?.durationMs ?? Number.POSITIVE_INFINITY;
    if (durationMs > limit) this.totals.slow++;
    if (result === 'success') this.totals.successes++;
    else this.totals.failures++;
    if (result === 'timeout') this.totals.timeouts++;
    return durationMs > limit;
  }
}
