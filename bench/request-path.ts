import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import type { parseConfig as ParseConfig, startGateway as StartGateway } from '../src/gateway.ts';

/**
 * What a request costs in the gateway's own code: npm run bench:path [-- small|headers|post|policies|open|access|sampled].
 *
 * The whole gateway in its fast lane, with sockets that touch no network: 64 clients ask at the same time, the upstream
 * answers at once. So it shows what a change of the code gains where the network's own noise would hide it, and nothing of
 * what the system, and node around its sockets, add. Start it with --cpu-prof to see where the time goes.
 */

const CLIENTS = 64;
const WARM_UP_ROUNDS = 1_500;
const BATCHES = 150;
const ROUNDS = 20;

const JSON_BODY = JSON.stringify({ id: 4711, name: 'Ada Lovelace', courses: ['logic', 'poetry'] });
const ANSWER = Buffer.from(
  'HTTP/1.1 200 OK\r\nServer: bench\r\nDate: Sat, 28 Nov 2026 15:00:00 GMT\r\nContent-Type: application/json\r\n' +
    `Content-Length: ${JSON_BODY.length}\r\nConnection: keep-alive\r\n\r\n${JSON_BODY}`,
);

/** As the system would: pieces of a string are put together, and copied. */
const sent = Buffer.allocUnsafeSlow(64 * 1024);
function send(data: string | Buffer): void {
  if (typeof data === 'string') sent.write(data, 0, 'latin1');
}

class FakeSocket extends EventEmitter {
  readonly remoteAddress = '127.0.0.1';
  readonly writable = true;
  readonly writableLength = 0;
  readonly bytesRead = 0;
  readonly bytesWritten = 0;
  readonly writableNeedDrain = false;
  destroyed = false;

  isPaused(): boolean {
    return false;
  }
  pause(): this {
    return this;
  }
  resume(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  cork(): void {}
  uncork(): void {}
  end(): void {}
  destroy(): void {
    this.destroyed = true;
  }
}

interface ConnectOptions {
  readonly onread: { readonly buffer: Uint8Array; readonly callback: (bytes: number) => boolean };
}

const asked: UpstreamSocket[] = [];
let answered = 0;
let refuses = false;

class UpstreamSocket extends FakeSocket {
  readonly #onread: ConnectOptions['onread'];

  constructor({ onread }: ConnectOptions) {
    super();
    this.#onread = onread;
    setImmediate(() => {
      if (!refuses) this.emit('connect');
      else this.emit('error', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    });
  }

  write(data: string | Buffer): boolean {
    send(data);
    // A body follows its head in a piece of its own; the answer comes once.
    if (!asked.includes(this)) asked.push(this);
    return true;
  }

  answer(): void {
    ANSWER.copy(this.#onread.buffer);
    this.#onread.callback(ANSWER.length);
  }
}

class ClientSocket extends FakeSocket {
  write(data: string | Buffer): boolean {
    send(data);
    answered++;
    return true;
  }
}

let accept: (socket: FakeSocket) => void = () => {};
const fakes = {
  connect: (options: ConnectOptions) => new UpstreamSocket(options),
  createServer: (_options: unknown, onConnection: typeof accept) => {
    accept = onConnection;
    const server = new EventEmitter();
    return Object.assign(server, {
      listen: (_address: unknown, done: () => void) => setImmediate(done),
      address: () => ({ address: '127.0.0.1', port: 1 }),
      close: (done: () => void) => done(),
    });
  },
};

const POLICIES = {
  bulkheads: { read: { max_concurrent: 256, queue: 64 } },
  upstream: {
    targets: ['http://127.0.0.1:9', 'http://127.0.0.2:9'],
    ejection: { consecutive_failures: 5 },
    bulkhead: { max_concurrent: 256, queue: 64 },
    circuit_breaker: {
      window: '30s',
      min_requests: 20,
      failure_rate: '50%',
      slow_call: { duration: '2s', rate: '80%' },
    },
  },
  route: {
    bulkhead: 'read',
    retry: { attempts: 3 },
    fallback: [{ static: { status: 200, json: { from: 'fallback' } } }],
  },
};

/** A line for each request, and for one in a hundred. */
const ACCESS: Readonly<Record<string, object>> = {
  access: { file: '/dev/null' },
  sampled: { file: '/dev/null', sample: '1%' },
};

function configuration(scene: string): object {
  const policies = scene === 'policies' ? POLICIES : null;
  const breaker = scene === 'open' ? { circuit_breaker: { open_timeout: '1h' } } : {};
  return {
    server: { listen: '127.0.0.1:0', workers: 1 },
    log: { level: 'error', access: ACCESS[scene] ?? false },
    bulkheads: policies?.bulkheads ?? {},
    upstreams: { api: { targets: ['http://127.0.0.1:9'], ...breaker, ...policies?.upstream } },
    routes: [{ path: '/*', upstream: 'api', ...policies?.route }],
  };
}

function request(scene: string): Buffer {
  const method = scene === 'post' ? 'POST' : 'GET';
  const fields =
    scene === 'headers' ? Array.from({ length: 20 }, (_, at) => `X-Field-${at}: value number ${at}`) : [];
  const body = scene === 'post' ? 'x'.repeat(4_096) : '';
  const length = body === '' ? [] : [`Content-Length: ${body.length}`];
  const lines = [`${method} / HTTP/1.1`, 'Host: 127.0.0.1:8080', ...length, ...fields, '', body];
  return Buffer.from(lines.join('\r\n'));
}

async function round(clients: readonly FakeSocket[], bytes: Buffer): Promise<void> {
  const all = answered + clients.length;
  for (const client of clients) client.emit('data', bytes);
  while (answered < all) {
    for (const socket of asked.splice(0)) socket.answer();
    if (answered < all) await new Promise(setImmediate);
  }
}

async function main(scene: string): Promise<void> {
  if (!['small', 'headers', 'post', 'policies', 'open', 'access', 'sampled'].includes(scene))
    throw new Error(`no scene "${scene}"`);
  Object.assign(net, fakes);
  syncBuiltinESMExports();
  // Only now, because whoever has imported node:net before keeps the real one.
  const gateway: { startGateway: typeof StartGateway; parseConfig: typeof ParseConfig } = await import(
    '../src/gateway.ts'
  );
  refuses = scene === 'open';
  const config = gateway.parseConfig(JSON.stringify(configuration(scene)), { file: 'bench', env: {} });
  await gateway.startGateway({ ...config, admin: null });
  const clients = Array.from({ length: CLIENTS }, () => new ClientSocket());
  for (const client of clients) accept(client);
  const bytes = request(scene);
  for (let warm = 0; warm < WARM_UP_ROUNDS; warm++) await round(clients, bytes);
  const figures: number[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    const before = performance.now();
    for (let at = 0; at < ROUNDS; at++) await round(clients, bytes);
    figures.push(((performance.now() - before) * 1_000) / (ROUNDS * CLIENTS));
  }
  figures.sort((one, other) => one - other);
  const at = (share: number): string =>
    (figures[Math.floor(share * (figures.length - 1))] as number).toFixed(2);
  console.log(`${scene}: µs/request least ${at(0)}, a tenth ${at(0.1)}, median ${at(0.5)}`);
  process.exit(0);
}

await main(process.argv[2] ?? 'small');
