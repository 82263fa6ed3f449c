import { describe, expect, it } from 'vitest';
import { AccessDrops } from '../../../../src/observe/access-log/access-drops.ts';
import { AccessOutput } from '../../../../src/observe/access-log/access-output.ts';
import { DroppedLines } from '../../../../src/observe/dropped-lines.ts';
import { createLogger } from '../../../../src/observe/log.ts';
import { logfmtLine } from '../../../../src/observe/logfmt-line.ts';
import { Backlog } from '../../../../src/workers/backlog.ts';
import { ForwardedAccess, ReceivedAccess } from '../../../../src/workers/forwarded-access.ts';
import { FakeTime } from '../../../helpers/fake-time.ts';
import { sharedWords } from '../../../helpers/shared-words.ts';

/** An output that has room or has not, and a log that is kept. */
function kept(format: ((line: string) => string) | null = null) {
  const told: Record<string, unknown>[] = [];
  const log = createLogger({
    level: 'info',
    destination: { write: (line) => void told.push(JSON.parse(line)) },
  });
  const clock = new FakeTime();
  const dropped = new DroppedLines();
  const drops = new AccessDrops(dropped, log, clock);
  const written: string[] = [];
  const line = {
    room: true,
    write: (lines: string) => {
      if (line.room) written.push(lines);
      return line.room;
    },
    close: async () => {},
  };
  return { output: new AccessOutput(line, { format, drops }), line, written, told, clock, dropped, drops };
}

describe('the output of the access log', () => {
  it('passes whole lines on as they are, or each in its format', () => {
    const { output, written } = kept();
    output.write('{"a":1}\n{"b":2}\n');
    expect(written).toEqual(['{"a":1}\n{"b":2}\n']);
    const logfmt = kept(logfmtLine);
    logfmt.output.write('{"a":1}\n{"b":"x y"}\n');
    expect(logfmt.written).toEqual(['a=1\nb="x y"\n']);
  });

  it('counts lines for which there is no room, and says so once there is, but not all the time', async () => {
    const { output, line, told, clock, dropped } = kept();
    const drop = () => {
      line.room = false;
      output.write('{}\n{}\n');
      line.room = true;
    };
    drop();
    drop();
    expect(told).toEqual([]);
    output.write('{}\n');
    expect(told).toMatchObject([
      {
        level: 'warn',
        event: 'log_dropped',
        log: 'access',
        lines: 4,
        msg: expect.stringMatching(/^4 access lines were dropped/),
      },
    ]);
    drop();
    output.write('{}\n');
    expect(told).toHaveLength(1);
    await clock.advance(1_000);
    output.write('{}\n');
    expect(told).toMatchObject([{ lines: 4 }, { lines: 2 }]);
    drop();
    await output.close();
    expect(told).toMatchObject([{ lines: 4 }, { lines: 2 }, { lines: 2 }]);
    expect([dropped.total('access'), dropped.total('gateway')]).toEqual([8, 0]);
  });
});

describe('what a worker writes', () => {
  const MIB = `${'x'.repeat(1024 * 1024 - 1)}\n`;

  it('reaches the output as it is, and is dropped while the main thread is 4 MiB behind', () => {
    const { output, written, told, dropped, drops } = kept();
    const read = sharedWords(3);
    const sent: string[] = [];
    const worker = new ForwardedAccess((lines) => sent.push(lines), new Backlog(read, 2), drops);
    const received = new ReceivedAccess(output, read);
    for (let left = 8; left > 0; left--) worker.write(MIB);
    expect(sent).toHaveLength(5);
    expect(dropped.total('access')).toBe(3);
    for (const lines of sent.splice(0)) received.take(2, lines);
    expect(written).toHaveLength(5);
    worker.write('{}\n');
    expect(sent).toEqual(['{}\n']);
    expect(told).toMatchObject([{ lines: 3 }]);
  });

  it('finds nothing unread when it takes the place of a dead one', () => {
    const { output, drops, dropped } = kept();
    const read = sharedWords(2);
    const received = new ReceivedAccess(output, read);
    received.take(1, MIB);
    received.forget(1);
    const worker = new ForwardedAccess(() => {}, new Backlog(read, 1), drops);
    for (let left = 5; left > 0; left--) worker.write(MIB);
    expect(dropped.total('access')).toBe(0);
  });
});
