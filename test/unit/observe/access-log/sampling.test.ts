import { describe, expect, it } from 'vitest';
import type { ExchangeRecord } from '../../../../src/proxy/exchange-record.ts';
import { exchangeRecord } from '../../../helpers/exchange-record.ts';
import { keptLog } from './kit.ts';

/** How many of 10,000 are written when chance gives each share once. */
function written(sample: number, differences: Partial<ExchangeRecord> = {}): number {
  let nth = 0;
  const { log, texts } = keptLog({ sample }, { random: () => nth++ / 10_000 });
  for (let left = 10_000; left > 0; left--) log.finished(exchangeRecord(differences));
  return texts().length;
}

describe('the access log', () => {
  it.each([
    [100, 10_000],
    [12.5, 1_250],
    [1, 100],
    [0.01, 1],
    [0, 0],
  ])('writes %s percent of what is plain: %s of 10,000', (sample, count) => {
    expect(written(sample)).toBe(count);
    expect(written(sample, { outcome: 'own_page', breaker: null, status: 404 })).toBe(count);
  });

  it.each<Partial<ExchangeRecord>>([
    { status: 500 },
    { failure: 'reset', attempts: 2 },
    { durationMs: 1_000 },
    { outcome: 'fallback' },
    { outcome: 'upstream_failed' },
    { outcome: 'rejected' },
    { outcome: 'refused', status: 404 },
    { outcome: 'client_gone', status: 0 },
  ])('writes always what somebody may look for: %j', (differences) => {
    expect(written(0, differences)).toBe(10_000);
  });

  it('draws no lot where all is written', () => {
    const { log, lines } = keptLog({}, { random: () => 1 });
    log.finished(exchangeRecord({ durationMs: 999 }));
    expect(lines()).toHaveLength(1);
  });
});
