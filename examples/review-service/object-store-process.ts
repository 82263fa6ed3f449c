import { createHash, randomUUID } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { serveProcess, tell } from './serve-process.ts';
import { isSigned } from './signed-target.ts';

/**
 * An object store as far as photos need it: `PUT` and `GET` of signed targets, `Range`, `If-None-Match` and `If-Match`.
 * Objects are streamed to and from the folder `OBJECTS`. It says on standard output how far it has got, but never the
 * query, which holds the signature.
 */

const folder = process.env.OBJECTS ?? '/tmp';
const secret = process.env.SECRET ?? '';

serveProcess((request, response) => {
  handle(request, response).catch((error: Error) => {
    tell({ msg: 'broken', error: error.message });
    response.destroy();
  });
});

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '', headers } = request;
  if (!isSigned(secret, { method, host: headers.host ?? '', target: url })) {
    request.resume();
    response.writeHead(403).end('SignatureDoesNotMatch');
    return;
  }
  const path = url.split('?')[0] as string;
  // By the path's own bytes: another spelling is another object.
  const file = join(folder, createHash('sha256').update(path).digest('hex'));
  if (method === 'PUT') await put(file, request, response);
  else await get(file, request, response);
}

async function put(file: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { 'if-match': match } = request.headers;
  if (match !== undefined && match !== etagOf(file)) {
    request.resume();
    response.writeHead(412).end();
    return;
  }
  const hash = createHash('sha256');
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    if (bytes === 0) tell({ msg: 'receiving' });
    bytes += chunk.length;
    hash.update(chunk);
  });
  const partial = `${file}.${randomUUID()}`;
  await pipeline(request, createWriteStream(partial));
  renameSync(partial, file);
  writeFileSync(`${file}.etag`, `"${hash.digest('hex')}"`);
  tell({ msg: 'received', bytes });
  response.writeHead(200, { etag: etagOf(file) ?? '' }).end();
}

async function get(file: string, { headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  const etag = etagOf(file);
  if (etag === null) {
    response.writeHead(404).end('NoSuchKey');
    return;
  }
  if (headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  const { size } = statSync(file);
  const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '');
  const [from, to] =
    range === null ? [0, size - 1] : [Number(range[1]), Math.min(Number(range[2]), size - 1)];
  if (range !== null && from >= size) {
    response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    return;
  }
  response.writeHead(range === null ? 200 : 206, {
    etag,
    'accept-ranges': 'bytes',
    'content-length': Math.max(0, to - from + 1),
    ...(range !== null && { 'content-range': `bytes ${from}-${to}/${size}` }),
  });
  if (size === 0) {
    response.end();
    return;
  }
  await pipeline(createReadStream(file, { start: from, end: to }), response);
  tell({ msg: 'sent', bytes: to - from + 1 });
}

function etagOf(file: string): string | null {
  return existsSync(`${file}.etag`) ? readFileSync(`${file}.etag`, 'utf8') : null;
}
