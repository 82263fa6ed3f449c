import { createServer, type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { plainHead } from '../../../../../src/http/fast/inbound/plain-head.ts';
import { type ScannedHead, scanHead } from '../../../../../src/http/fast/inbound/scan-head.ts';
import { Refusal } from '../../../../../src/http/refusal.ts';
import { readHead } from '../../../../../src/http/request-head.ts';

/** What node's parser finds in bytes: requests, and whatever else it says. */
interface Reading {
  requests: IncomingMessage[];
  other: string[];
}

const server = createServer({ insecureHTTPParser: false, requireHostHeader: false });
const readings = new WeakMap<object, Reading>();
server.on('request', (message) => readings.get(message.socket)?.requests.push(message));
for (const event of ['checkContinue', 'checkExpectation', 'connect', 'upgrade']) {
  server.on(event, (message: IncomingMessage) => readings.get(message.socket)?.other.push(event));
}
server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
  readings.get(socket)?.other.push(error.code ?? 'error');
});
afterAll(() => server.close());

/** Gives bytes to node's parser on a connection of their own. */
async function readByNode(bytes: Buffer): Promise<Reading> {
  const connection = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const reading: Reading = { requests: [], other: [] };
  readings.set(connection, reading);
  server.emit('connection', connection);
  connection.push(bytes);
  await turn();
  connection.destroy();
  return reading;
}

/** What the scanner takes, node must take whole, at the same byte, and with the same meaning. */
async function expectSame(bytes: Buffer, scanned: ScannedHead): Promise<void> {
  const { requests, other } = await readByNode(bytes.subarray(0, scanned.length));
  expect(other).toEqual([]);
  expect(requests.length).toBe(1);
  const [message] = requests;
  const { method, target, headers: fields, bodyLength, closes } = scanned;
  expect({
    method: message?.method,
    target: message?.url,
    fields: message?.rawHeaders,
    bodyLength: message?.headers['content-length'] ?? null,
    closes: message?.headers.connection?.toLowerCase() === 'close',
  }).toEqual({ method, target, fields, bodyLength: bodyLength === null ? null : expect.anything(), closes });
  if (bodyLength !== null) expect(Number(message?.headers['content-length'])).toBe(bodyLength);
  expectMeaning(scanned);
  // The body follows, and nothing else: without one the message is over with its head.
  const length = Number(message?.headers['content-length'] ?? 0);
  expect(message?.complete).toBe(length === 0);
  const early = await readByNode(bytes.subarray(0, scanned.length - 1));
  expect([early.requests.length, early.other]).toEqual([0, []]);
}

const TIGHT = { maxHeaderBytes: 60, maxHeaderCount: 3, maxTargetBytes: 8, maxBodyBytes: 2 };
const WIDE = { maxHeaderBytes: 32_768, maxHeaderCount: 100, maxTargetBytes: 8_192, maxBodyBytes: null };

/** The short way from a scanned head to its meaning ends where the long one does, and refuses the same. */
function expectMeaning(scanned: ScannedHead): void {
  for (const limits of [TIGHT, WIDE]) {
    const meant = readHead({ ...scanned, httpVersion: '1.1' }, limits);
    expect(plainHead(scanned, limits)).toEqual(meant instanceof Refusal ? null : meant);
  }
}

/** A beginning that may still become a head: node must not have refused it, nor found a request in it. */
async function expectWaiting(bytes: Buffer): Promise<void> {
  const { requests, other } = await readByNode(bytes);
  expect([requests.length, other]).toEqual([0, []]);
}

async function compare(bytes: Buffer): Promise<'partial' | 'doubt' | 'taken'> {
  const scanned = bytes.length === 0 ? 'partial' : scanHead(bytes);
  if (scanned === 'doubt') return scanned;
  if (scanned === 'partial') {
    await expectWaiting(bytes);
    return scanned;
  }
  await expectSame(bytes, scanned);
  return 'taken';
}

const HOST = 'Host: a\r\n';
const SAMPLE = 'POST /a?b HTTP/1.1\r\nHost: a\r\nX: b c\r\nConnection: close\r\nContent-Length: 3\r\n\r\n';

describe('what the scanner takes', () => {
  it('node takes with the same meaning, whichever byte of a head is another or comes twice', async () => {
    const found = { partial: 0, doubt: 0, taken: 0 };
    for (let at = 0; at < SAMPLE.length; at++) {
      for (let code = 0; code < 256; code++) {
        const byte = String.fromCharCode(code);
        for (const behind of [SAMPLE.slice(at + 1), SAMPLE.slice(at)]) {
          found[await compare(Buffer.from(SAMPLE.slice(0, at) + byte + behind, 'latin1'))]++;
        }
      }
    }
    expect(found.taken).toBeGreaterThan(5_000);
    expect(found.doubt).toBeGreaterThan(5_000);
  }, 300_000);

  it('node takes with the same meaning, whatever is put together of the parts of heads', async () => {
    const usual = fc.constantFrom(
      ...['Host: a', 'X-A:\t b \t', 'Content-Length: 12', 'connection: Keep-Alive', 'Cookie: a=b', 'X:'],
    );
    const odd = fc.constantFrom(
      ...[
        'TE: trailers',
        'Transfer-Encoding: chunked',
        'Content-Length: 007',
        'Content-Length: 5\t',
        'X\r\n y',
      ],
      ...[
        'Connection: close ',
        'Connection:\tclose',
        'Upgrade: x',
        'Trailer: X',
        'Content-Length: 99999999999999999',
      ],
      ...[
        'Content-Length: 18446744073709551616',
        'Keep-Alive: timeout=1',
        'Proxy-Connection: close',
        'Expect: x',
      ],
    );
    const line = fc.oneof({ arbitrary: usual, weight: 6 }, { arbitrary: odd, weight: 1 });
    const method = fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS', 'PATCH', 'CONNECT', 'SOURCE');
    const target = fc.oneof(
      fc.constantFrom('/', '/a', '//', '/?', '/:'),
      fc.webUrl(),
      fc.string().map((it) => `/${it}`),
    );
    const head = fc
      .tuple(method, target, fc.constantFrom('', HOST, HOST, HOST), fc.array(line, { maxLength: 6 }))
      .chain(([verb, path, host, lines]) =>
        fc
          .nat({ max: 300 })
          .map((length) =>
            `${verb} ${path} HTTP/1.1\r\n${host}${lines.map((it) => `${it}\r\n`).join('')}\r\n`.slice(
              0,
              40 + length,
            ),
          ),
      );
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(head, async (text) => {
        if ((await compare(Buffer.from(text, 'latin1'))) === 'taken') taken++;
      }),
      { numRuns: 2_000 },
    );
    expect(taken).toBeGreaterThan(200);
  }, 120_000);
});
