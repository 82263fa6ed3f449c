import type { ExchangeObserver } from '../proxy/exchange-record.ts';

/** Several observers as one, told in this order. */
export function observers(...all: readonly ExchangeObserver[]): ExchangeObserver {
  return {
    finished: (record) => {
      for (const one of all) one.finished(record);
    },
  };
}
