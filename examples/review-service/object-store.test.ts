import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../test/helpers/eventually.ts';
import { HOST, ReviewSystem, signed } from './start-review-system.ts';

const MINUTE = 60_000;
const MIB = 1024 * 1024;

let system: ReviewSystem;
beforeAll(async () => {
  system = await ReviewSystem.start();
}, MINUTE);
afterAll(() => system?.[Symbol.asyncDispose]());

function open(method: string, target: string, headers: Record<string, string | number> = {}): ClientRequest {
  return request({
    port: system.port,
    host: '127.0.0.1',
    method,
    path: signed(method, target),
    headers: { host: HOST, ...headers },
    agent: false,
  });
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('a signed target', { timeout: 2 * MINUTE }, () => {
  it.each([
    '/photos/a.jpg',
    '/photos/a.jpg?',
    '/photos/folder/',
    "/photos/!$&'()*+,=:@~-._",
    '/photos/%21%24%26%27%28%29%2A%2B%2C%3D%3A%40%7E',
    '/photos/a+b%20c%2Bd',
    '/photos/%c3%a9%C3%A9%e2%82%AC',
    '/photos/%61.%6a%70g',
    '/photos/100%25/...',
    '/photos/%23%3F?%23%3F',
    '/photos/a?x=1+2%202%2B2&y=%7e%7E~',
    '/photos/a?b=2&a=1&a=2&a=1&B=3',
    '/photos/a?&&a&a=&=a&==&a==b=',
    '/photos/a?x=?/?//..//./&y=a/b?c',
    "/photos/a?!$&'()*+,;=:@/?-._~",
    '/photos/a?%2F%2f%2e%2E%5c%00%0d%0a%25%2561%3b',
    '/photos/a?%E2%82%AC=%e2%82%ac&x=%F0%9F%98%80',
    '/photos/a?X-Signature=of+somebody+else&x=1',
  ])('reaches the store byte for byte: %s', async (target) => {
    const put = await system.photo('PUT', target, { body: target });
    expect(put).toMatchObject({ status: 200, text: '' });
    const got = await system.photo('GET', target);
    expect(got).toMatchObject({ status: 200, text: target });
    expect(got.headers['x-circuit-breaker-object-store']).toBe('CLOSED');
  });

  it('reaches the store byte for byte, whatever legal query it has', async () => {
    const piece = fc.oneof(
      fc.constantFrom(...("abcXYZ019-._~!$&'()*+,;=:@/?".split('') as [string, ...string[]])),
      fc.integer({ min: 0, max: 255 }).map((octet) => `%${octet.toString(16).padStart(2, '0')}`),
      fc
        .integer({ min: 0, max: 255 })
        .map((octet) => `%${octet.toString(16).padStart(2, '0').toUpperCase()}`),
    );
    const query = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
    await system.photo('PUT', '/photos/any', { body: 'any' });
    await fc.assert(
      fc.asyncProperty(query, async (text) => {
        expect(await system.photo('GET', `/photos/any?${text}`)).toMatchObject({ status: 200, text: 'any' });
      }),
      { numRuns: 60 },
    );
  });

  it('is refused by the store when anything in it was changed, which is an answer and no failure', async () => {
    await system.photo('PUT', '/photos/mine', { body: 'mine' });
    const target = signed('GET', '/photos/mine?a=%2B');
    expect((await system.ask(target)).status).toBe(200);
    for (const other of [
      target.replace('%2B', '%2b'),
      target.replace('%2B', '+'),
      target.replace('mine', '%6Dine'),
      target.replace('?a', '?&a'),
      target.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
    ]) {
      expect(await system.ask(other)).toMatchObject({ status: 403, text: 'SignatureDoesNotMatch' });
    }
    expect((await system.ask(target, { method: 'HEAD' })).status).toBe(403);
    expect((await system.ask(target, { headers: { host: 'other.example' } })).status).toBe(403);
    expect(await system.health('object-store')).toMatchObject({ state: 'CLOSED' });
  });

  it('that servers read differently is refused by the gateway, never repaired', async () => {
    for (const path of ['/photos/a%2Fb', '/photos/a/../b', '/photos//b', '/photos/a;b']) {
      const answer = await system.photo('GET', path);
      expect(answer.status).toBe(400);
      expect(answer.json()).toMatchObject({ error: { code: 'AMBIGUOUS_PATH' } });
    }
  });
});

describe('a photo', { timeout: 3 * MINUTE }, () => {
  it('of 64 MiB streams to the store, and back, and is the same', async () => {
    const photo = randomBytes(64 * MIB);
    const upload = open('PUT', '/photos/large', { 'content-length': photo.length });
    upload.write(photo.subarray(0, MIB));
    // The store has the beginning before the client has sent the rest, so nobody between them waits for the whole.
    await system.store.process.waitForLine(({ msg }) => msg === 'receiving', MINUTE);
    upload.end(photo.subarray(MIB));
    const [stored] = (await once(upload, 'response')) as [IncomingMessage];
    stored.resume();
    expect(stored.statusCode).toBe(200);
    expect(stored.headers.etag).toBe(`"${sha256(photo)}"`);

    const before = system.store.process.lines.length;
    const sent = () => system.store.process.lines.slice(before).filter(({ msg }) => msg === 'sent');
    const [slow] = (await once(open('GET', '/photos/large').end(), 'response')) as [IncomingMessage];
    const [first] = (await once(slow, 'data')) as [Buffer];
    slow.pause();
    // What is not read is not buffered either: two others come later and have it all, while this one's is not sent yet.
    for (let other = 1; other <= 2; other++) {
      const [fast] = (await once(open('GET', '/photos/large').end(), 'response')) as [IncomingMessage];
      expect(sha256(Buffer.concat(await fast.toArray()))).toBe(sha256(photo));
      await eventually(() => expect(sent()).toHaveLength(other));
    }
    const received = Buffer.concat([first, ...((await slow.toArray()) as Buffer[])]);
    expect(received.length).toBe(photo.length);
    expect(sha256(received)).toBe(sha256(photo));
    await eventually(() => expect(sent()).toHaveLength(3));
  });

  it('can be asked for in part, and only if it has changed', async () => {
    const { headers } = await system.photo('PUT', '/photos/digits', { body: '0123456789' });
    const etag = headers.etag as string;
    const part = await system.photo('GET', '/photos/digits', { headers: { range: 'bytes=2-5' } });
    expect(part).toMatchObject({ status: 206, text: '2345' });
    expect(part.headers['content-range']).toBe('bytes 2-5/10');
    const beyond = await system.photo('GET', '/photos/digits', { headers: { range: 'bytes=10-12' } });
    expect(beyond.status).toBe(416);
    const same = await system.photo('GET', '/photos/digits', { headers: { 'if-none-match': etag } });
    expect(same).toMatchObject({ status: 304, text: '' });
    const late = await system.photo('PUT', '/photos/digits', { body: 'x', headers: { 'if-match': '"old"' } });
    expect(late.status).toBe(412);
    expect((await system.photo('GET', '/photos/digits')).text).toBe('0123456789');
    expect((await system.photo('GET', '/photos/none')).status).toBe(404);
  });
});

describe('the log', { timeout: 2 * MINUTE }, () => {
  it('never holds a signature, however a request ends', async () => {
    await system.photo('PUT', '/photos/logged', { body: 'x' });
    await system.ask(signed('GET', '/photos/none').replace(/.$/, '!'));
    await system.photo('GET', '/photos//none');
    const upload = open('PUT', '/photos/cut', { 'content-length': MIB });
    const cut = once(upload, 'response') as Promise<[IncomingMessage]>;
    const before = system.store.process.lines.length;
    upload.write('the beginning');
    await eventually(() =>
      expect(system.store.process.lines.slice(before).map(({ msg }) => msg)).toContain('receiving'),
    );
    await system.store.kill();
    const [answer] = await cut;
    expect(answer.statusCode).toBe(502);
    upload.on('error', () => {}).destroy();
    await system.gateway.waitForLine(({ event }) => event === 'upstream_failed');
    await system.store.restart();
    expect(system.gateway.output).not.toMatch(/X-Signature/i);
    expect(system.store.process.output).not.toMatch(/X-Signature/i);
  });
});
