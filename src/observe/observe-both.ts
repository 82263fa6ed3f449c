import type { ExchangeObserver, ExchangeRecord } from '../proxy/exchange-record.ts';

/** @param second null: there is only one, which then pays for no other */
export function observeBoth(first: ExchangeObserver, second: ExchangeObserver | null): ExchangeObserver {
  return second === null ? first : new BothObservers(first, second);
}

class BothObservers implements ExchangeObserver {
  readonly #first: ExchangeObserver;
  readonly #second: ExchangeObserver;

  constructor(first: ExchangeObserver, second: ExchangeObserver) {
    this.#first = first;
    this.#second = second;
  }

  finished(record: ExchangeRecord): void {
    this.#first.finished(record);
    this.#second.finished(record);
  }
}
