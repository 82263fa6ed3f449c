import { describe, expect, it } from 'vitest';
import { GatewayPath, get, postHead } from '../../helpers/gateway-path.ts';
import type { RawConnection } from '../../helpers/raw-connection.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';

const MIB = 1024 * 1024;
const TOTAL = 64 * MIB;
/** Socket buffers of the system on four ends, at their most, and what node and the gateway keep beside them. */
const IN_FLIGHT = 28 * MIB;

/** Sends in pieces for as long as they are taken; `accepted` counts what the connection has let go of. */
class Feeder {
  readonly #connection: RawConnection;
  readonly #total: number;
  #given = 0;

  constructor(connection: RawConnection, total: number) {
    this.#connection = connection;
    this.#total = total;
    connection.socket.on('drain', () => this.#feed());
    this.#feed();
  }

  get accepted(): number {
    return this.#given - this.#connection.socket.writableLength;
  }

  #feed(): void {
    const { socket } = this.#connection;
    while (this.#given < this.#total && !socket.destroyed) {
      const piece = Buffer.alloc(Math.min(256 * 1024, this.#total - this.#given), this.#given / MIB);
      this.#given += piece.length;
      if (!socket.write(piece)) return;
    }
  }
}

/** Waits until nothing has been taken for a while; says how much was. */
async function stalled(feeder: Feeder): Promise<number> {
  let quiet = 0;
  for (let before = -1; quiet < 10; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    quiet = feeder.accepted === before ? quiet + 1 : 0;
    before = feeder.accepted;
  }
  return feeder.accepted;
}

/** Counts bytes behind the first head instead of keeping them. */
function countBody(connection: RawConnection): { readonly bytes: number; readonly intact: boolean } {
  const seen = { bytes: 0, intact: true };
  const { socket } = connection;
  let inBody = false;
  let head = '';
  socket.removeAllListeners('data');
  socket.on('data', (chunk: Buffer) => {
    let body = chunk;
    if (!inBody) {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      inBody = true;
      body = Buffer.from(head.slice(end + 4), 'latin1');
    }
    if (body.length > 0 && body[0] !== Math.floor(seen.bytes / MIB)) seen.intact = false;
    seen.bytes += body.length;
  });
  return seen;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('not within a minute');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a body of 64 MiB', () => {
  it('up: an upstream that does not read holds the client back, and gets it whole when it does', async () => {
    let stop = true;
    const upstream = await RawUpstream.start((connection) => {
      if (stop) connection.socket.pause();
    });
    await using path = await GatewayPath.start(upstream, { server: 'max_body_size: unlimited' });
    const client = await path.connect();
    client.send(postHead(TOTAL));
    const feeder = new Feeder(client, TOTAL);
    const connection = await upstream.connection();
    const accepted = await stalled(feeder);
    expect(accepted).toBeLessThan(IN_FLIGHT);
    const seen = countBody(connection);
    stop = false;
    connection.socket.resume();
    await until(() => seen.bytes >= TOTAL);
    expect(seen).toEqual({ bytes: TOTAL, intact: true });
    connection.send('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n');
    expect((await client.response()).status).toBe(201);
    await path.judged({ successes: 1 });
  });

  it('down: a client that does not read holds the upstream back, and gets it whole when it does', async () => {
    const feeders: Feeder[] = [];
    await using path = await GatewayPath.start(async (connection) => {
      await connection.request();
      connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${TOTAL}\r\n\r\n`);
      feeders.push(new Feeder(connection, TOTAL));
    });
    const client = await path.connect();
    const seen = countBody(client);
    client.stopReading();
    client.send(get());
    await until(() => feeders.length === 1);
    expect(await stalled(feeders[0] as Feeder)).toBeLessThan(IN_FLIGHT);
    await path.judged({});
    client.readOn();
    await until(() => seen.bytes >= TOTAL);
    expect(seen).toEqual({ bytes: TOTAL, intact: true });
    await path.judged({ successes: 1 });
  });

  it('down without a length, in chunks: the same', async () => {
    const feeders: Feeder[] = [];
    await using path = await GatewayPath.start(async (connection) => {
      await connection.request();
      connection.send(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${TOTAL.toString(16)}\r\n`);
      feeders.push(new Feeder(connection, TOTAL));
    });
    const client = await path.connect();
    client.stopReading();
    client.send(get());
    await until(() => feeders.length === 1);
    expect(await stalled(feeders[0] as Feeder)).toBeLessThan(IN_FLIGHT);
    client.reset();
    await (await path.upstream.connection()).closed();
    await path.judged({ excluded: 1 });
  });

  it('both ways at once: neither side waits for the end of the other', async () => {
    const size = 8 * MIB;
    await using path = await GatewayPath.start(
      async (connection) => {
        await connection.waitFor('\r\n\r\n');
        connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
        const start = connection.received.indexOf('\r\n\r\n') + 4;
        let sent = 0;
        for (;;) {
          await connection.until(() => connection.received.length - start > sent, 'more of the body');
          const piece = Buffer.from(connection.received.subarray(start + sent));
          sent += piece.length;
          connection.send(piece);
          if (sent === size) return;
        }
      },
      { server: 'max_body_size: unlimited' },
    );
    const client = await path.connect();
    client.send(postHead(size));
    for (let at = 0; at < 8; at++) {
      client.send(Buffer.alloc(MIB, at));
      // The echo of each part comes before the next is sent.
      await client.until(() => client.received.length > (at + 1) * MIB, `part ${at}`);
    }
    const { body } = await client.response();
    expect(body).toHaveLength(size);
    for (let at = 0; at < 8; at++) expect(body[at * MIB]).toBe(at);
    await path.judged({ successes: 1 });
  });
});
