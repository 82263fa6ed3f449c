import { describe, expect, it } from 'vitest';
import { answerWith, GatewayPath, get, type PathSettings, post } from '../../helpers/gateway-path.ts';
import type { RawRequest } from '../../helpers/raw-message.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';

/** What the upstream is asked when a client sends these bytes. */
async function forwarded(bytes: string, settings: PathSettings = {}): Promise<RawRequest> {
  let seen: RawRequest | null = null;
  const upstream = await RawUpstream.answering((request) => {
    seen = request;
    return answerWith('ok');
  });
  await using path = await GatewayPath.start(upstream, settings);
  const answer = await path.ask(bytes);
  expect(answer.status).toBe(200);
  expect(upstream.failures).toEqual([]);
  return seen as unknown as RawRequest;
}

const names = (request: RawRequest) => request.fields.map(([name]) => name.toLowerCase());

describe('the fields of a request on their way to the upstream', () => {
  it('duty 1: hop-by-hop fields end at the gateway', async () => {
    const request = await forwarded(
      get('/', [
        'Connection: keep-alive',
        'Keep-Alive: timeout=5',
        'Proxy-Connection: keep-alive',
        'TE: trailers',
        'Upgrade: h2c',
        'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
      ]),
    );
    for (const name of ['keep-alive', 'proxy-connection', 'te', 'upgrade', 'http2-settings']) {
      expect(names(request)).not.toContain(name);
    }
    expect(request.header('connection') ?? 'keep-alive').toBe('keep-alive');
  });

  it('duty 1: a chunked body is framed anew, and its field is ours', async () => {
    const request = await forwarded(
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    );
    expect(request.all('transfer-encoding')).toEqual(['chunked']);
    expect(request.body.toString()).toBe('abc');
  });

  it('duty 2: what Connection nominates ends at the gateway, whatever its case', async () => {
    const request = await forwarded(
      get('/', [
        'Connection: X-Hop, x-other',
        'X-HOP: 1',
        'X-Other: 2',
        'X-Stays: 3',
        'connection: X-Late',
        'X-Late: 4',
      ]),
    );
    expect(names(request)).not.toContain('x-hop');
    expect(names(request)).not.toContain('x-other');
    expect(names(request)).not.toContain('x-late');
    expect(request.header('x-stays')).toBe('3');
  });

  it('duty 3: nominating what the gateway adds or relies on removes nothing', async () => {
    const bytes = post('body', [
      'Connection: Host, Content-Length, Authorization, X-Forwarded-For, Forwarded, Via, X-Request-Id',
      'Authorization: Bearer t',
    ]);
    const request = await forwarded(bytes);
    expect(request.header('host')).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(request.header('content-length')).toBe('4');
    expect(request.header('authorization')).toBe('Bearer t');
    expect(request.header('x-forwarded-for')).toBe('127.0.0.1');
    expect(request.header('forwarded')).toContain('for=127.0.0.1');
    expect(request.header('via')).toMatch(/^1\.1 breakwater-\d{6}$/);
    expect(request.header('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('duty 4: TE is not sent on, with or without its nomination', async () => {
    for (const connection of ['Connection: TE', 'X-No: 1']) {
      expect(names(await forwarded(get('/', ['TE: trailers', connection])))).not.toContain('te');
    }
  });

  it('duty 5: credentials for a proxy are not the upstream’s to see', async () => {
    const request = await forwarded(
      get('/', ['Proxy-Authorization: Basic c2VjcmV0', 'Proxy-Authenticate: Basic']),
    );
    expect(request.raw.toString()).not.toMatch(/proxy-auth/i);
  });

  it('duty 12: repeated fields keep their order, their names as sent and their bytes', async () => {
    const request = await forwarded(
      get('/', [
        'X-A: 1',
        'x-B: caf\xe9',
        'X-a: 2',
        'Cookie: a=1',
        'cookie: b=2',
        '__proto__: x',
        'X-Empty:',
      ]),
    );
    const own = request.fields.filter(([name]) => /^(x-a|x-b|cookie|__proto__|x-empty)$/i.test(name));
    expect(own).toEqual([
      ['X-A', '1'],
      ['x-B', 'caf\xe9'],
      ['X-a', '2'],
      ['Cookie', 'a=1'],
      ['cookie', 'b=2'],
      ['__proto__', 'x'],
      ['X-Empty', ''],
    ]);
  });

  it('duty 25: trailers of a request are never merged into its fields', async () => {
    const request = await forwarded(
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Admin\r\n\r\n3\r\nabc\r\n0\r\nX-Admin: yes\r\n\r\n',
    );
    expect(request.raw.toString()).not.toMatch(/x-admin/i);
  });

  it('duty 33 and 32: Expect is dealt with by the gateway', async () => {
    expect(names(await forwarded(post('abc', ['Expect: 100-continue'])))).not.toContain('expect');
  });

  it('duty 47: an HTTP/1.0 request goes on as HTTP/1.1, and Via says what came', async () => {
    const request = await forwarded(get('/', [], '1.0'));
    expect(request.startLine).toBe('GET / HTTP/1.1');
    expect(request.header('via')).toMatch(/^1\.0 breakwater-\d{6}$/);
  });

  it('duty 51: Via is added behind those that are there, under the configured name', async () => {
    const request = await forwarded(get('/', ['Via: 1.0 fred, 1.1 p.example.net']), {
      server: 'via: edge-7',
    });
    expect(request.all('via')).toEqual(['1.0 fred, 1.1 p.example.net', '1.1 edge-7']);
  });

  it('duty 58: a client’s word on who it forwards for is replaced, underscore aliases too', async () => {
    const request = await forwarded(
      get('/', [
        'X-Forwarded-For: 6.6.6.6',
        'X-Forwarded-Proto: https',
        'X-Forwarded-Host: evil.test',
        'X-Forwarded-Port: 666',
        'Forwarded: for=6.6.6.6',
        'X_Forwarded_For: 6.6.6.6',
        'X-Forwarded_For: 6.6.6.6',
        'X-Real-IP: 6.6.6.6',
        'x_real_ip: 6.6.6.6',
      ]),
    );
    expect(request.raw.toString()).not.toMatch(/6\.6\.6\.6|evil|666|_/);
    expect(request.all('x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(request.all('x-forwarded-proto')).toEqual(['http']);
    expect(request.all('x-forwarded-host')).toEqual(['gateway.test']);
    expect(request.all('forwarded')).toEqual(['for=127.0.0.1;host=gateway.test;proto=http']);
  });

  it('duty 58: a trusted proxy’s word is kept and added to', async () => {
    const request = await forwarded(
      get('/', [
        'X-Forwarded-For: 6.6.6.6',
        'X-Forwarded-Proto: https',
        'Forwarded: for=6.6.6.6',
        'X_Forwarded_For: 7.7.7.7',
      ]),
      { server: 'trusted_proxies: [127.0.0.0/8]' },
    );
    expect(request.all('x-forwarded-for')).toEqual(['6.6.6.6, 127.0.0.1']);
    expect(request.all('x-forwarded-proto')).toEqual(['https']);
    expect(request.header('forwarded')).toMatch(/^for=6\.6\.6\.6, for=127\.0\.0\.1;/);
    expect(request.raw.toString()).not.toContain('7.7.7.7');
  });

  it('a request id of the client is kept, so that one request has one id in all logs', async () => {
    const request = await forwarded(get('/', ['X-Request-Id: mine-1.2']));
    expect(request.all('x-request-id')).toEqual(['mine-1.2']);
  });

  it.each(['a b', 'x'.repeat(129), '"quoted"', '{"level":"fatal"}', ''])(
    'the request id %j, which could forge or fill a log, is replaced',
    async (id) => {
      const request = await forwarded(get('/', [`X-Request-Id: ${id}`]));
      expect(request.all('x-request-id')).toHaveLength(1);
      expect(request.header('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    },
  );
});
