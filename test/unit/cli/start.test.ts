import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type StartedGateway, type StartGateway, start } from '../../../src/cli/start.ts';
import { untilStopped } from '../../../src/cli/until-stopped.ts';
import { openTelemetry } from '../../../src/tracing/open-telemetry.ts';
import { receivedError, sendableError } from '../../../src/workers/messages.ts';
import { type TemporaryFolder, temporaryFolder } from '../../helpers/temporary-folder.ts';
import { FakeIo, FakeScreen } from './fake-io.ts';

let folder: TemporaryFolder;
let file: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  file = join(folder.path, 'gateway.yaml');
  await writeFile(
    file,
    `server: { listen: ":0" }
admin: { listen: "[::1]:0", token: abc }
upstreams: { api: { targets: [http://a:1], circuit_breaker: { failure_threshold: 1, open_timeout: 90s } } }
routes: [{ path: /v1/*, methods: [GET], upstream: api, rewrite: /* }]
`,
  );
});

afterEach(() => folder[Symbol.asyncDispose]());

function gateway(stop: () => Promise<void> = async () => undefined, requests = [0]): StartedGateway {
  return {
    address: { host: '0.0.0.0', port: 4711 },
    adminAddress: { host: '::1', port: 4712 },
    workers: 1,
    requestsUnderWay: () => (requests.length > 1 ? requests.shift() : requests[0]) as number,
    stop,
  };
}

/** Starts it and tells it to stop at once. */
function started(running: StartedGateway, io = new FakeIo()): { io: FakeIo; ended: Promise<number> } {
  const ended = start(file, io, async () => running);
  io.send('SIGTERM');
  return { io, ended };
}

describe('breakwater start', () => {
  it('says where it listens, its routes and its breakers, and ends with 0 after a signal', async () => {
    const io = new FakeIo();
    const ended = start(file, io, async () => gateway());
    await vi.waitFor(() => io.send('SIGTERM'), { timeout: 10_000 });
    expect(await ended).toBe(0);
    expect(io.stdout).toBe('');
    expect(io.stderr).toContain(
      `breakwater listens on http://0.0.0.0:4711 (every IPv4 address of this machine)
admin API on http://[::1]:4712, by token
live page on http://[::1]:4712/
routes
  GET /v1/*  to api at http://a:1, as /*
breakers
  api  opens after the first failure, for 90s
stops on SIGTERM or Ctrl-C; running requests then have 10s to finish
`,
    );
    expect(io.stderr).not.toContain('abc');
  });

  it('says how many workers take requests, when it is not this thread alone', async () => {
    const io = new FakeIo();
    const ended = start(file, io, async () => ({ ...gateway(), workers: 4 }));
    await vi.waitFor(() => io.send('SIGTERM'), { timeout: 10_000 });
    expect(await ended).toBe(0);
    expect(io.stderr).toContain(' (every IPv4 address of this machine) with 4 workers\n');
  });

  it('says where a browser of this machine finds the live page, and nothing of one without an admin API', async () => {
    const { io, ended } = started({ ...gateway(), adminAddress: { host: '0.0.0.0', port: 4712 } });
    expect(await ended).toBe(0);
    expect(io.stderr).toContain(
      'admin API on http://0.0.0.0:4712, by token\nlive page on http://127.0.0.1:4712/\n',
    );
    const off = started({ ...gateway(), adminAddress: null });
    expect(await off.ended).toBe(0);
    expect(off.io.stderr).toContain('\nadmin API off\nroutes\n');
  });

  it('has colours on a terminal, and says the same without', async () => {
    const screen = new FakeScreen(80);
    const coloured = started(gateway(), new FakeIo({}, screen));
    const plain = started(gateway(), new FakeIo({ NO_COLOR: '1' }, screen));
    expect((await coloured.ended) + (await plain.ended)).toBe(0);
    expect(coloured.io.stderr).toContain('\u001b[1mroutes\u001b[22m\n');
    expect(plain.io.stderr).not.toContain('\u001b');
    expect(stripVTControlCharacters(coloured.io.stderr)).toBe(plain.io.stderr);
  });

  it('names forty routes at most, and says how many more there are', async () => {
    const routes = Array.from({ length: 100 }, (_, at) => `  - { path: /r${at}, upstream: api }\n`).join('');
    await writeFile(file, `upstreams: { api: { targets: [http://a:1] } }\nroutes:\n${routes}`);
    const { io, ended } = started(gateway());
    expect(await ended).toBe(0);
    expect(io.stderr).toContain('/r38 ');
    expect(io.stderr).not.toContain('/r39 ');
    expect(io.stderr).toContain('  … and 61 more; breakwater check lists all\n');
  });

  it('stops once it has started when the signal came before, and leaves no signal handler', async () => {
    const io = new FakeIo();
    const starting = Promise.withResolvers<StartedGateway>();
    const stop = vi.fn(async () => undefined);
    const ended = start(file, io, () => starting.promise);
    io.send('SIGTERM');
    starting.resolve(gateway(stop));
    expect(await ended).toBe(0);
    expect(stop).toHaveBeenCalledTimes(1);
    expect(io.listening).toBe(0);
  });

  it('ends at once at the second signal also while it still starts', async () => {
    const io = new FakeIo();
    const starting = Promise.withResolvers<StartedGateway>();
    const ended = start(file, io, () => starting.promise);
    io.send('SIGINT');
    expect(io.exits).toEqual([]);
    io.send('SIGINT');
    expect(io.exits).toEqual([1]);
    starting.reject(new Error('too late'));
    expect(await ended).toBe(1);
    expect(io.listening).toBe(0);
  });

  it('that takes long says so, after a second and then every ten', async () => {
    vi.useFakeTimers();
    try {
      const io = new FakeIo();
      const starting = Promise.withResolvers<StartedGateway>();
      const ended = start(file, io, () => starting.promise);
      await vi.advanceTimersByTimeAsync(900);
      expect(io.stderr).toBe('');
      await vi.advanceTimersByTimeAsync(10_200);
      expect(io.stderr).toBe(
        'still starting after 1 s; not yet listening on 0.0.0.0:0\nstill starting after 11 s; not yet listening on 0.0.0.0:0\n',
      );
      starting.resolve(gateway());
      await vi.advanceTimersByTimeAsync(20_000);
      expect(io.stderr.match(/still/g)).toHaveLength(2);
      io.send('SIGTERM');
      expect(await ended).toBe(0);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('starts nothing from a wrong file', async () => {
    await writeFile(file, 'routes: 5\n');
    const io = new FakeIo();
    const startGateway = vi.fn<StartGateway>();
    expect(await start(file, io, startGateway)).toBe(1);
    expect(startGateway).not.toHaveBeenCalled();
    expect(io.stderr).toContain(`${file}:1:9: routes must be a list of routes, not 5`);
  });

  it('says what to install for tracing in one line, also when a worker missed it', async () => {
    const missing = Object.assign(new Error("Cannot find package '@opentelemetry/api'"), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    const thrown = await openTelemetry(() => Promise.reject(missing)).catch((error: unknown) => error);
    for (const error of [thrown, receivedError(structuredClone(sendableError(thrown)))]) {
      const io = new FakeIo();
      expect(await start(file, io, () => Promise.reject(error))).toBe(1);
      expect(io.stderr).toMatch(
        /^breakwater could not start: Tracing .* npm install @opentelemetry[^\n]*\n$/,
      );
    }
  });

  it.each([
    ['EADDRINUSE', 'cannot listen on 127.0.0.1:80: another program does already'],
    ['EACCES', 'cannot listen on 127.0.0.1:80: this user may not use the port'],
    ['EADDRNOTAVAIL', 'cannot listen on 127.0.0.1:80: this machine has no such address'],
  ])('explains %s and ends with 1', async (code, message) => {
    const io = new FakeIo();
    const error = Object.assign(new Error(code), { code, syscall: 'listen', address: '127.0.0.1', port: 80 });
    expect(await start(file, io, () => Promise.reject(error))).toBe(1);
    expect(io.stderr).toBe(`breakwater could not start: ${message}\n`);
  });
});

describe('a gateway that is told to stop', () => {
  it('stops once, and its signal handlers are gone afterwards', async () => {
    const io = new FakeIo();
    const stop = vi.fn(async () => undefined);
    const ended = untilStopped(gateway(stop), 1000, io);
    io.send('SIGINT');
    expect(await ended).toBe(0);
    expect(stop).toHaveBeenCalledTimes(1);
    expect(io.exits).toEqual([]);
    expect(io.listening).toBe(0);
  });

  it.each([
    ['SIGTERM', 'SIGTERM'],
    ['SIGTERM', 'SIGINT'],
    ['SIGINT', 'SIGTERM'],
  ] as const)('by %s and then by %s ends at once with 1', async (first, second) => {
    const io = new FakeIo();
    const requests = Promise.withResolvers<void>();
    const stop = vi.fn(() => requests.promise);
    const ended = untilStopped(gateway(stop), 60_000, io);
    io.send(first);
    await vi.waitFor(() => expect(stop).toHaveBeenCalled());
    expect(io.exits).toEqual([]);
    io.send(second);
    expect(io.exits).toEqual([1]);
    requests.resolve();
    await ended;
    expect(stop).toHaveBeenCalledTimes(1);
  });

  it('and fails to says why and ends with 1', async () => {
    const io = new FakeIo();
    const ended = untilStopped(
      gateway(() => Promise.reject(new Error('a bolt is stuck'))),
      1000,
      io,
    );
    io.send('SIGTERM');
    expect(await ended).toBe(1);
    expect(io.stderr).toContain('a bolt is stuck');
  });

  describe('and never does', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it('says what it waits for and how long it still does, as long as there is time', async () => {
      const io = new FakeIo();
      const stop = Promise.withResolvers<void>();
      const ended = untilStopped(
        gateway(() => stop.promise, [2, 1, 0]),
        25_000,
        io,
      );
      io.send('SIGTERM');
      await vi.advanceTimersByTimeAsync(900);
      expect(io.stderr).not.toContain('waiting');
      await vi.advanceTimersByTimeAsync(28_000);
      expect(io.stderr.split('\n').filter((line) => line.startsWith('waiting'))).toEqual([
        'waiting for 2 running requests, 24 s left',
        'waiting for 1 running request, 14 s left',
        'waiting for answers on their way, 4 s left',
      ]);
      stop.resolve();
      expect(await ended).toBe(0);
      expect(vi.getTimerCount()).toBe(0);
    });

    it('is given up some seconds after shutdown_timeout', async () => {
      const io = new FakeIo();
      const ended = untilStopped(
        gateway(() => new Promise(() => undefined)),
        10_000,
        io,
      );
      io.send('SIGTERM');
      await vi.advanceTimersByTimeAsync(10_000);
      expect(io.stderr).not.toContain('did not stop');
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await ended).toBe(1);
      expect(io.stderr).toContain('did not stop within 15000 ms');
    });
  });
});
