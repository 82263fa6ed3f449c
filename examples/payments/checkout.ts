import {
  BreakerRegistry,
  type CallOptions,
  type Clock,
  compose,
  Fallback,
  type FallbackAnswer,
  isWorthRetrying,
  type Layer,
  Retry,
  RetryBudget,
  Timeout,
  type Timer,
} from '../../src/resilience/index.ts';
import { CardDeclinedError, type Order, type PaymentProvider, type Receipt } from './payment-provider.ts';

export interface CheckoutOptions {
  readonly primary: PaymentProvider;
  readonly secondary: PaymentProvider;
  /** Keeps orders that nobody could charge, for later. */
  readonly defer: (order: Order) => void | Promise<void>;
  /** Milliseconds of one attempt. @default 2000 */
  readonly attemptTimeoutMs?: number;
  /** Milliseconds that a provider which broke down is left alone. @default 30000 */
  readonly openTimeoutMs?: number;
  readonly clock?: Clock;
  readonly timer?: Timer;
  readonly random?: () => number;
}

const isDeclined = (error: unknown): boolean => error instanceof CardDeclinedError;

/**
 * Charges orders: the primary provider, each attempt timed and judged by its breaker, repeated a little; then the
 * secondary in the same way; and at last the order is taken and charged later, because a shop that is closed sells
 * nothing. Repeating a charge is safe only because the order's id is the idempotency key.
 */
export class Checkout {
  readonly breakers: BreakerRegistry;
  readonly #chain: Fallback<Order, Receipt>;

  constructor(options: CheckoutOptions) {
    const { primary, secondary, clock, random } = options;
    this.breakers = new BreakerRegistry({ clock, random });
    this.#chain = new Fallback({
      name: 'payment',
      steps: [
        this.#provider(primary, options),
        this.#provider(secondary, options),
        {
          name: 'outbox',
          run: async (order) => {
            await options.defer(order);
            return { order: order.id, provider: 'none', status: 'deferred' };
          },
        },
      ],
      fallsBack: (error) => !isDeclined(error),
    });
  }

  /**
   * @returns the receipt, which provider gave it, and what went wrong before
   * @throws CardDeclinedError; the signal's reason when the customer leaves
   */
  pay(order: Order, options: CallOptions = {}): Promise<FallbackAnswer<Receipt>> {
    return this.#chain.execute(order, options);
  }

  #provider(provider: PaymentProvider, options: CheckoutOptions) {
    const { attemptTimeoutMs = 2000, clock, timer } = options;
    const guard: Layer = compose(
      new Retry({
        attempts: 3,
        backoff: { initialMs: 100, maxMs: 2000, jitter: 'full', random: options.random },
        budget: new RetryBudget({ percent: 20 }),
        isRetryable: (error) => isWorthRetrying(error) && !isDeclined(error),
        timer,
      }),
      this.breakers.get(`payment-${provider.name}`, {
        failureThreshold: 5,
        openTimeoutMs: options.openTimeoutMs ?? 30_000,
        // A declined card shows that the provider works.
        isFailure: (error) => !isDeclined(error),
      }),
      new Timeout({ ms: attemptTimeoutMs, clock, timer }),
    );
    return {
      name: provider.name,
      run: (order: Order, signal: AbortSignal) =>
        guard.execute((bounded) => provider.charge(order, bounded), { signal }),
    };
  }
}
