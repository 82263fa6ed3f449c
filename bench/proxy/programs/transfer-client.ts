import { connect, type Socket } from 'node:net';

/**
 * Sends or reads one large body on a connection of its own, and prints how many bytes arrived at the other end, and in
 * how many seconds: <port> down|up <bytes>. Not with node:http, whose own cost would be the limit.
 */

const [port, direction, size] = process.argv.slice(2);
const wanted = Number(size);
const CHUNK = Buffer.alloc(64 * 1024, 'x');
const HEAD_END = Buffer.from('\r\n\r\n');

/** The head of the answer, in pieces. */
let head = Buffer.alloc(0);
let headOver = false;
/** Body bytes that were announced, and that were read. */
let announced = Number.POSITIVE_INFINITY;
let received = 0;
/** The body's beginning: all of it in the answer to an upload. */
let text = '';

/** Bytes come into one buffer again and again, so that reading 1 GiB allocates nothing. */
const onread = {
  buffer: Buffer.alloc(256 * 1024),
  callback: (length: number, buffer: Uint8Array): boolean => {
    read(Buffer.from(buffer.buffer, buffer.byteOffset, length));
    return true;
  },
};

function read(data: Buffer): void {
  if (headOver) {
    received += data.length;
    if (text.length < 64) text += data.toString('latin1', 0, 64);
    // Not every proxy closes the connection when it was asked to.
    if (received >= announced) socket.destroy();
    return;
  }
  head = Buffer.concat([head, data]);
  const end = head.indexOf(HEAD_END);
  if (end === -1) return;
  headOver = true;
  const body = head.subarray(end + HEAD_END.length);
  head = head.subarray(0, end);
  announced = Number(/\r\ncontent-length: *(\d+)/i.exec(head.toString('latin1'))?.[1] ?? announced);
  if (body.length > 0) read(body);
}

function send(socket: Socket): void {
  let left = wanted;
  const more = (): void => {
    while (left > 0) {
      const chunk = left >= CHUNK.length ? CHUNK : CHUNK.subarray(0, left);
      left -= chunk.length;
      if (!socket.write(chunk)) break;
    }
    if (left > 0) socket.once('drain', more);
  };
  more();
}

const started = performance.now();
const socket = connect({ port: Number(port), host: '127.0.0.1', onread }, () => {
  const common = `Host: 127.0.0.1:${port}\r\nConnection: close\r\n`;
  if (direction === 'up') {
    socket.write(`POST /upload HTTP/1.1\r\n${common}Content-Length: ${wanted}\r\n\r\n`);
    send(socket);
  } else {
    const range = `Range: bytes=0-${wanted - 1}\r\n`;
    socket.write(`GET /big HTTP/1.1\r\n${common}${range}\r\n`);
  }
});
socket.once('close', () => {
  const seconds = (performance.now() - started) / 1000;
  const status = head.toString('latin1').split(' ')[1];
  if (status !== '200' && status !== '206') {
    console.error(`status ${status}: ${text}`);
    process.exit(1);
  }
  const bytes = direction === 'up' ? Number(text) : received;
  process.stdout.write(JSON.stringify({ bytes, seconds }));
});
socket.once('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
