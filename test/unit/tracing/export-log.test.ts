import { describe, expect, it } from 'vitest';
import { ExportLog } from '../../../src/tracing/export-log.ts';

function logAt() {
  const lines: unknown[] = [];
  const time = { ms: 0 };
  const log = new ExportLog({
    log: { warn: (fields: object, text: string) => void lines.push([text, fields]) } as never,
    endpoint: 'http://c/v1/traces',
    now: () => time.ms,
  });
  return { lines, time, log };
}

describe('the log of lost spans', () => {
  it('says the first loss at once, and what follows once a minute, added up', () => {
    const { lines, time, log } = logAt();
    log.lost(3, 'the collector answered 503');
    expect(lines).toEqual([
      [
        '3 spans are lost: the collector answered 503',
        {
          event: 'spans_lost',
          endpoint: 'http://c/v1/traces',
          lost: 3,
          dropped: 0,
          reason: 'the collector answered 503',
        },
      ],
    ]);
    for (let second = 1; second < 60; second++) {
      time.ms = second * 1000;
      log.dropped(1);
    }
    expect(lines).toHaveLength(1);
    time.ms = 60_000;
    log.lost(2, 'late');
    expect(lines[1]).toMatchObject(['61 spans are lost: late', { lost: 2, dropped: 59 }]);
  });

  it('says the rest at the end, and nothing where there is none', () => {
    const { lines, log } = logAt();
    log.close();
    log.lost(0, 'nothing');
    expect(lines).toEqual([]);
    log.dropped(1);
    log.dropped(4);
    log.close();
    log.close();
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatchObject(['4 spans are lost: too many wait to be sent', { dropped: 4 }]);
  });
});
