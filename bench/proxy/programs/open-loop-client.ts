import { connect, type Socket } from 'node:net';

/**
 * Sends small GETs at a fixed rate, whether answers come or not, and measures each from the moment at which it was due:
 * <port> <requests per second> <seconds> <connections>. What is due while all connections wait is sent when one is free.
 * Timers have a resolution of about 1 ms, which every latency contains; how late this program itself was is told as well.
 */

const [port, perSecond, duration, connections] = process.argv.slice(2);
const rate = Number(perSecond);
const planned = Math.round(rate * Number(duration));
/** Answers that are later than this after the last request was due are missing ones. */
const PATIENCE_MS = 3_000;
const REQUEST = Buffer.from(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);

const latencies: number[] = [];
/** By how much requests were sent too late though a connection was free: this program's own fault. */
const lateness: number[] = [];
/** A request that was due has found no free connection. */
let starved = false;
const free: Connection[] = [];
let failures = 0;
let next = 0;
let begin = 0;

function dueAt(index: number): number {
  return begin + (index * 1000) / rate;
}

class Connection {
  readonly #socket: Socket;
  #due = 0;
  #answer = '';

  constructor() {
    this.#socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
    this.#socket.on('connect', () => free.push(this));
    this.#socket.on('data', (data: Buffer) => this.#read(data));
    this.#socket.on('error', () => {});
    this.#socket.once('close', () => {
      if (!over) failures++;
    });
  }

  send(due: number): void {
    this.#due = due;
    this.#socket.write(REQUEST);
  }

  #read(data: Buffer): void {
    this.#answer += data.toString('latin1');
    const head = this.#answer.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#answer)?.[1];
    if (this.#answer.length < head + 4 + Number(length)) return;
    if (!this.#answer.startsWith('HTTP/1.1 200')) failures++;
    this.#answer = '';
    latencies.push(performance.now() - this.#due);
    free.push(this);
    if (latencies.length === planned) finish();
    else sendDue();
  }

  close(): void {
    this.#socket.destroy();
  }
}

function sendDue(): void {
  const now = performance.now();
  while (next < planned && dueAt(next) <= now) {
    const connection = free.pop();
    if (connection === undefined) {
      starved = true;
      return;
    }
    const due = dueAt(next++);
    if (!starved) lateness.push(now - due);
    connection.send(due);
  }
  starved = false;
}

let over = false;
function finish(): void {
  if (over) return;
  over = true;
  clearInterval(ticker);
  clearTimeout(limit);
  for (const connection of all) connection.close();
  const result = {
    planned,
    answered: latencies.length,
    failures,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    lateMs: percentile(lateness, 0.99),
  };
  process.stdout.write(JSON.stringify(result));
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}

const all = Array.from({ length: Number(connections) }, () => new Connection());
while (free.length < all.length && failures === 0) await new Promise((resolve) => setTimeout(resolve, 5));
begin = performance.now();
const ticker = setInterval(sendDue, 1);
const limit = setTimeout(finish, Number(duration) * 1000 + PATIENCE_MS);
