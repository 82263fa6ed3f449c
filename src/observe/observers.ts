import type { ExchangeObserver } from '../proxy/exchange-record.ts';

/** Several observers as one, told in this order. @param all null: one that is not there, which nobody pays for */
export function observers(...all: readonly (ExchangeObserver | null)[]): ExchangeObserver {
  const there = all.filter((one) => one !== null);
  return {
    finished: (record) => {
      for (const one of there) one.finished(record);
    },
  };
}
