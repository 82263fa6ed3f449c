import type { ExchangeRecord } from '../../proxy/exchange-record.ts';

/**
 * Whether an exchange is one that somebody may look for, whatever share of the others is written.
 *
 * @param slowMs from which duration on
 */
export function isRemarkable(record: ExchangeRecord, slowMs: number): boolean {
  const { outcome } = record;
  return (
    (outcome !== 'answered' && outcome !== 'own_page') ||
    record.status >= 500 ||
    record.failure !== null ||
    record.durationMs >= slowMs
  );
}
