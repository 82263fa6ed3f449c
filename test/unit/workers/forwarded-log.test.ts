import { describe, expect, it } from 'vitest';
import { DroppedLines } from '../../../src/observe/dropped-lines.ts';
import { createLogger } from '../../../src/observe/log.ts';
import { Backlog } from '../../../src/workers/backlog.ts';
import { ForwardedLog, ReceivedLog } from '../../../src/workers/forwarded-log.ts';
import { sharedWords } from '../../helpers/shared-words.ts';

function mainLog() {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({
    level: 'trace',
    destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
  });
  return { log, lines };
}

describe('a line of a worker', () => {
  it('stands in the main log as if it were written there, with the number of the worker', () => {
    const { log, lines } = mainLog();
    const read = sharedWords(3);
    const received = new ReceivedLog(log, read);
    const worker = createLogger({
      level: 'trace',
      destination: new ForwardedLog((line) => received.take(2, line), new Backlog(read, 2)),
    });
    worker.warn({ err: new TypeError('no'), request_id: 'a' }, 'it failed');
    worker.trace('small');
    expect(lines).toMatchObject([
      {
        level: 'warn',
        msg: 'it failed',
        worker: 2,
        request_id: 'a',
        err: { type: 'TypeError', message: 'no', stack: expect.stringContaining('forwarded-log.test') },
        pid: process.pid,
      },
      { level: 'trace', msg: 'small', worker: 2 },
    ]);
  });

  it('is dropped while the main thread is 4 MiB behind, and how many were is said afterwards', () => {
    const sent: string[] = [];
    const { log, lines } = mainLog();
    const read = sharedWords(2);
    const received = new ReceivedLog(log, read);
    const total = new DroppedLines();
    const forwarded = new ForwardedLog((line) => sent.push(line), new Backlog(read, 1), total);
    const line = JSON.stringify({ level: 'info', msg: 'x'.repeat(1024 * 1024) });
    for (let nth = 0; nth < 8; nth++) forwarded.write(line);
    expect(sent).toHaveLength(4);
    for (const one of sent.splice(0)) received.take(1, one);
    forwarded.write('{"level":"info","msg":"next"}');
    for (const one of sent) received.take(1, one);
    expect(lines.slice(3).map(({ event, msg }) => event ?? String(msg).slice(0, 4))).toEqual([
      'xxxx',
      'log_dropped',
      'next',
    ]);
    expect(lines[4]?.msg).toMatch(/^4 lines/);
    expect([total.total('gateway'), total.total('access')]).toEqual([4, 0]);
  });

  it('of the successor of a dead worker finds nothing unread', () => {
    const read = sharedWords(2);
    const received = new ReceivedLog(mainLog().log, read);
    received.take(1, '{"level":"info","msg":"last words"}');
    received.forget(1);
    let sent = 0;
    const successor = new ForwardedLog(() => sent++, new Backlog(read, 1));
    for (let nth = 0; nth < 5; nth++) successor.write('x'.repeat(1024 * 1024));
    expect(sent).toBe(5);
  });
});
