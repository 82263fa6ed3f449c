import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Overview } from '../../../../src/admin/live/live-types.ts';
import { AdminCallError } from '../../../../src/cli/admin/admin-call-error.ts';
import { watchStatus } from '../../../../src/cli/status/watch-status.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { anOverview, anUpstream, openBreaker } from '../an-overview.ts';
import { FakeIo, FakeScreen } from '../fake-io.ts';

const healthy = anOverview([anUpstream('auth')]);
const degraded = anOverview([anUpstream('auth', openBreaker())]);
const away = new AdminCallError('UNREACHABLE', 'nobody listens there');

/** Looks one after another; the last one again and again. */
function looks(...answers: (Overview | Error)[]): { read: () => Promise<Overview>; made: () => number } {
  let made = 0;
  return {
    read: async () => {
      const answer = answers[Math.min(made++, answers.length - 1)]!;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    made: () => made,
  };
}

async function watched(
  io: FakeIo,
  seen: ReturnType<typeof looks>,
  count: number,
  json = false,
): Promise<void> {
  const ended = watchStatus({ read: seen.read, intervalMs: 1, json }, io);
  await eventually(() => expect(seen.made()).toBeGreaterThanOrEqual(count));
  io.send('SIGINT');
  expect(await ended).toBe(0);
  expect(io.listening).toBe(0);
  for (const event of ['error', 'resize']) expect(io.outScreen.listenerCount(event)).toBe(0);
}

describe('a watch on a terminal', () => {
  it('redraws in place, and leaves the cursor and the last table behind', async () => {
    const io = new FakeIo({}, new FakeScreen(80));
    await watched(io, looks(healthy, degraded), 3);
    expect(io.stdout.startsWith('\u001b[?1049h\u001b[?25l\u001b[H')).toBe(true);
    const [, left] = io.stdout.split('\u001b[?25h\u001b[?1049l');
    expect(left).toContain('auth is open');
    expect(left).not.toContain('healthy.');
  });

  it('keeps the last table while the gateway is away, and says so', async () => {
    const io = new FakeIo({}, new FakeScreen(60));
    const seen = looks(healthy, away, away, healthy);
    await watched(io, seen, 5);
    const frames = io.stdout.split('\u001b[H');
    expect(frames[2]).toContain('gateway unreachable, trying again: nobody listens there');
    expect(frames[2]).toContain('as it was at');
    expect(frames[2]).toContain('auth-service-http');
    expect(frames.at(-1)).not.toContain('unreachable');
  });

  it('fits a terminal that becomes smaller at once', async () => {
    const screen = new FakeScreen(100);
    const io = new FakeIo({ NO_COLOR: '1' }, screen);
    const ended = watchStatus({ read: looks(degraded).read, intervalMs: 60_000, json: false }, io);
    await eventually(() => expect(io.stdout).toContain('auth is open'));
    screen.resize(30, 5);
    const last = io.stdout.split('\u001b[H').at(-1)!;
    const lines = stripVTControlCharacters(last).split('\r\n');
    expect(lines).toHaveLength(5);
    expect(lines.at(-1)).toBe('… more below');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(30);
    io.send('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('shows those first that are not well where it cannot show all', async () => {
    const screen = new FakeScreen(100);
    screen.rows = 9;
    const io = new FakeIo({ NO_COLOR: '1' }, screen);
    const names = Array.from({ length: 20 }, (_, at) => `up${at}`);
    const many = names.map((name) => anUpstream(name, name === 'up15' ? openBreaker({ name }) : undefined));
    await watched(io, looks(anOverview(many)), 1);
    const [frame = '', left = ''] = io.stdout.split('\u001b[?25h\u001b[?1049l');
    const rowsOf = (text: string) =>
      stripVTControlCharacters(text)
        .split(/\r?\n/)
        .filter((line) => /^up\d+ {2}/.test(line))
        .map((line) => line.split(' ')[0]);
    expect(rowsOf(frame.split('\u001b[H')[1]!).slice(0, 3)).toEqual(['up15', 'up0', 'up1']);
    expect(rowsOf(left)).toEqual(names);
  });

  it('restores the terminal also when it fails', async () => {
    const io = new FakeIo({}, new FakeScreen(80));
    const wrong = new AdminCallError('UNAUTHORIZED', 'another token');
    await expect(
      watchStatus({ read: looks(healthy, wrong).read, intervalMs: 1, json: false }, io),
    ).rejects.toBe(wrong);
    expect(io.stdout).toContain('\u001b[?25h\u001b[?1049l');
    expect(io.listening).toBe(0);
  });
});

describe('a watch into a pipe', () => {
  it('prints a table when a state has changed, and nothing that moves a cursor', async () => {
    const io = new FakeIo();
    const later = { ...healthy, at: healthy.at + 1000, upstreams: [{ ...healthy.upstreams[0]! }] };
    await watched(io, looks(healthy, later, degraded), 6);
    expect(io.stdout.match(/UPSTREAM/g)).toHaveLength(2);
    expect(io.stdout).not.toContain('\u001b');
  });

  it('says once that the gateway is away, and once that it is back', async () => {
    const io = new FakeIo();
    await watched(io, looks(healthy, away, away, away, healthy), 6);
    expect(io.stderr).toBe(
      'gateway unreachable, trying again: nobody listens there\nthe gateway answers again\n',
    );
  });

  it('prints one object a line with --json', async () => {
    const io = new FakeIo();
    await watched(io, looks(healthy, degraded), 3, true);
    const lines = io.stdout.trimEnd().split('\n');
    expect(JSON.parse(lines[0]!)).toEqual(JSON.parse(JSON.stringify(healthy)));
    expect(JSON.parse(lines[1]!).gateway.status).toBe('degraded');
  });

  it('ends when whoever read it is gone', async () => {
    const io = new FakeIo();
    const ended = watchStatus({ read: looks(healthy).read, intervalMs: 60_000, json: false }, io);
    await eventually(() => expect(io.stdout).toContain('healthy'));
    io.outScreen.emit('error');
    expect(await ended).toBe(0);
  });
});

describe('a watch of a gateway that was never there', () => {
  it('is an error', async () => {
    const io = new FakeIo({}, new FakeScreen(80));
    await expect(watchStatus({ read: looks(away).read, intervalMs: 1, json: false }, io)).rejects.toBe(away);
    expect(io.stdout).toBe('');
  });
});
