import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

export type DnsRecord =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly name: string;
    };

/** What stands in place of records: nothing is said, or that something is wrong with the server. */
export type DnsTrouble = 'silence' | 'servfail';

const TYPE_CODES = { A: 1, AAAA: 28, SRV: 33 } as const;
const SERVFAIL = 2;
const NXDOMAIN = 3;

/** A DNS server on UDP (RFC 1035) that knows what the test tells it. */
export class DnsServer {
  /** By name, in lower case. A name that is not here does not exist. */
  readonly zone = new Map<string, readonly DnsRecord[] | DnsTrouble>();
  /** Questions received, as `A shop.test`. */
  readonly questions: string[] = [];
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (query, from) => this.#answer(query, from));
  }

  static async start(): Promise<DnsServer> {
    const socket = createSocket('udp4');
    const server = new DnsServer(socket);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return server;
  }

  /** As `servers` of a DnsConfig wants it. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  /** Gives a name these addresses and nothing else. */
  set(name: string, ...addresses: string[]): void {
    this.zone.set(
      name,
      addresses.map((address) => ({ type: isIPv6(address) ? 'AAAA' : 'A', address })),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #answer(query: Buffer, from: RemoteInfo): void {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at]!; length > 0; length = query[at]!) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const end = at + 5;
    const code = query.readUInt16BE(at + 1);
    const name = labels.join('.').toLowerCase();
    const type = Object.entries(TYPE_CODES).find(([, number]) => number === code)?.[0] ?? String(code);
    this.questions.push(`${type} ${name}`);
    const known = this.zone.get(name);
    if (known === 'silence') return;
    const records = Array.isArray(known) ? known.filter((record) => record.type === type) : [];
    const head = Buffer.from(query.subarray(0, 12));
    // A response, recursion available; RFC 1035 §4.1.1.
    head.writeUInt16BE(0x8180 | (known === 'servfail' ? SERVFAIL : known === undefined ? NXDOMAIN : 0), 2);
    head.writeUInt16BE(records.length, 6);
    head.fill(0, 8);
    this.#socket.send(
      Buffer.concat([head, query.subarray(12, end), ...records.map(resourceRecord)]),
      from.port,
      from.address,
    );
  }
}

function resourceRecord(record: DnsRecord): Buffer {
  const data = recordData(record);
  const fixed = Buffer.alloc(12);
  // The name of the question, by pointer.
  fixed.writeUInt16BE(0xc00c, 0);
  fixed.writeUInt16BE(TYPE_CODES[record.type], 2);
  fixed.writeUInt16BE(1, 4);
  // An hour: whoever goes by its own time asks earlier.
  fixed.writeUInt32BE(3600, 6);
  fixed.writeUInt16BE(data.length, 10);
  return Buffer.concat([fixed, data]);
}

function recordData(record: DnsRecord): Buffer {
  if (record.type !== 'SRV') {
    const { type, address } = record;
    return type === 'A' ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address);
  }
  const fixed = Buffer.alloc(6);
  fixed.writeUInt16BE(record.priority, 0);
  fixed.writeUInt16BE(record.weight, 2);
  fixed.writeUInt16BE(record.port, 4);
  return Buffer.concat([fixed, encodedName(record.name)]);
}

function encodedName(name: string): Buffer {
  const labels = name === '.' ? [] : name.split('.');
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
    Buffer.from([0]),
  ]);
}

function ipv6Bytes(address: string): Buffer {
  const [head, tail] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const missing = 8 - head!.length - (tail?.length ?? 0);
  const groups = [...head!, ...Array.from({ length: missing }, () => '0'), ...(tail ?? [])];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
