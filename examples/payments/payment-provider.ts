export interface Order {
  /** Also the idempotency key: a provider that is asked twice charges once. */
  readonly id: string;
  readonly cents: number;
  readonly card: string;
}

export interface Receipt {
  readonly order: string;
  readonly provider: string;
  /** `deferred`: nobody could be asked now; it is charged later. */
  readonly status: 'paid' | 'deferred';
}

/** Another company's payment service. */
export interface PaymentProvider {
  readonly name: string;
  charge(order: Order, signal: AbortSignal): Promise<Receipt>;
}

/** The card was refused. That is an answer: asking again, or asking somebody else, does not change it. */
export class CardDeclinedError extends Error {
  override readonly name = 'CardDeclinedError';
}

/** The provider is broken or overloaded. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  /** Milliseconds that the provider asks to be left alone, if it said so (`Retry-After`). */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs?: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** A provider whose health the demonstration, or a test, decides. */
export class SimulatedProvider implements PaymentProvider {
  readonly name: string;
  /** What the next calls do, the first first; afterwards they succeed. `hang` never answers. */
  readonly troubles: (Error | 'hang')[] = [];
  /** While set, every call fails with it. */
  down: Error | null = null;
  calls = 0;
  readonly #charged = new Map<string, Receipt>();

  constructor(name: string) {
    this.name = name;
  }

  get charges(): number {
    return this.#charged.size;
  }

  async charge(order: Order, signal: AbortSignal): Promise<Receipt> {
    this.calls++;
    const trouble = this.down ?? this.troubles.shift();
    if (trouble === 'hang') return aborted(signal);
    if (trouble !== undefined) throw trouble;
    if (order.card.startsWith('4000'))
      throw new CardDeclinedError(`The card of order ${order.id} was declined`);
    const before = this.#charged.get(order.id);
    if (before !== undefined) return before;
    const receipt: Receipt = { order: order.id, provider: this.name, status: 'paid' };
    this.#charged.set(order.id, receipt);
    return receipt;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
