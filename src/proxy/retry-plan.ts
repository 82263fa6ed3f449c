import type { RetryCondition, RetryConfig } from '../config/gateway-config.ts';
import { firstValue } from '../http/field-names.ts';
import type { HeaderList } from '../http/message.ts';
import { Backoff, Retry, type RetryBudget, type RetryRun } from '../resilience/index.ts';

/** How an attempt failed, as far as a further one depends on it. */
export interface AttemptFailure {
  readonly condition: RetryCondition;
  /** Of the answer, with `status`; else 0. */
  readonly status: number;
  readonly method: string;
  /** What the upstream asked to wait for, in milliseconds; 0: nothing. */
  readonly retryAfterMs: number;
}

/** A route's retries, compiled: which failures, which methods, how often, how long apart. */
export class RetryPlan {
  readonly maxBodyBytes: number;
  readonly #retry: Retry;
  readonly #on: ReadonlySet<RetryCondition>;
  readonly #methods: ReadonlySet<string>;
  readonly #config: RetryConfig;

  /** @param budget shared by all routes to the same upstream; null: unlimited */
  constructor(config: RetryConfig, budget: RetryBudget | null) {
    this.#config = config;
    this.maxBodyBytes = config.maxBodyBytes;
    this.#on = new Set(config.on);
    this.#methods = new Set(config.methods);
    this.#retry = new Retry({
      attempts: config.attempts,
      backoff: new Backoff(config.backoff),
      budget: budget ?? undefined,
      maxRetryAfterMs: config.maxRetryAfterMs,
      isRetryable: (failure) => this.#isWorthIt(failure as AttemptFailure),
    });
  }

  get attempts(): number {
    return this.#config.attempts;
  }

  /** A request begins; `end()` of what is returned exactly once. */
  begin(): RetryRun {
    return this.#retry.begin();
  }

  /** True for statuses of answers that are not passed on as long as another attempt may be made. */
  isRetriedStatus(status: number): boolean {
    return this.#config.statuses.some(({ from, to }) => from <= status && status <= to);
  }

  #isWorthIt({ condition, status, method }: AttemptFailure): boolean {
    if (!this.#on.has(condition)) return false;
    if (condition === 'status' && !this.isRetriedStatus(status)) return false;
    // Without a connection nothing was sent, so nothing can happen twice (RFC 9110 §9.2.2).
    return condition === 'connect' || this.#methods.has(method);
  }
}

/** Milliseconds from now that `Retry-After` names (RFC 9110 §10.2.3: seconds, or a date); 0 when there is none. */
export function retryAfterMs(headers: HeaderList, now: number = Date.now()): number {
  const value = firstValue(headers, 'retry-after')?.trim();
  if (value === undefined) return 0;
  if (/^[0-9]+$/.test(value)) return Number(value) * 1000;
  const at = /^[A-Z][a-z]{2}, /.test(value) ? Date.parse(value) : Number.NaN;
  return at > now ? at - now : 0;
}
