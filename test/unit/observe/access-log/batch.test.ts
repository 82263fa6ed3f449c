import { describe, expect, it } from 'vitest';
import { exchangeRecord } from '../../../helpers/exchange-record.ts';
import { FakeTime } from '../../../helpers/fake-time.ts';
import { keptLog } from './kit.ts';

describe('lines of the access log', () => {
  it('go on together after 50 ms, by a timer that is there only while something waits', async () => {
    const timer = new FakeTime();
    const { log, batches } = keptLog({}, { timer });
    expect(timer.pending).toBe(0);
    for (let left = 3; left > 0; left--) log.finished(exchangeRecord());
    expect(timer.pending).toBe(1);
    await timer.advance(49);
    expect(batches).toEqual([]);
    await timer.advance(1);
    expect(batches.map((lines) => lines.match(/\n/g)?.length)).toEqual([3]);
    expect(timer.pending).toBe(0);
    log.flush();
    expect(batches).toHaveLength(1);
  });

  it('go on at once when they are 16 KiB, whole', () => {
    const timer = new FakeTime();
    const { log, batches } = keptLog({}, { timer });
    while (batches.length < 3) log.finished(exchangeRecord());
    for (const lines of batches) {
      expect(lines.length).toBeGreaterThanOrEqual(16 * 1024);
      expect(lines.length).toBeLessThan(17 * 1024);
      expect(lines).toMatch(/^\{.*\}\n$/s);
    }
    expect(timer.pending).toBe(0);
  });
});
