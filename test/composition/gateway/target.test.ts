import { describe, expect, it } from 'vitest';
import { answerWith, GatewayPath, get } from '../../helpers/gateway-path.ts';
import { RawClient } from '../../helpers/raw-client.ts';
import type { RawRequest } from '../../helpers/raw-message.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { startTestGateway } from '../../helpers/test-gateway.ts';

/** A path, and what its upstream was asked. */
async function recorded(settings = {}): Promise<{ path: GatewayPath; requests: RawRequest[] }> {
  const requests: RawRequest[] = [];
  const upstream = await RawUpstream.answering((request) => {
    requests.push(request);
    return answerWith('ok');
  });
  return { path: await GatewayPath.start(upstream, settings), requests };
}

const line = (request: RawRequest | undefined) => request?.startLine;

describe('whom and what a request asks for', () => {
  it('duty 42: the authority of an absolute-form target replaces Host', async () => {
    const { path, requests } = await recorded({ upstream: 'preserve_host: true' });
    await using _ = path;
    await path.ask('GET http://real.test:81/a?b HTTP/1.1\r\nHost: other.test\r\n\r\n');
    expect(line(requests[0])).toBe('GET /a?b HTTP/1.1');
    expect(requests[0]?.all('host')).toEqual(['real.test:81']);
    expect(requests[0]?.header('x-forwarded-host')).toBe('real.test:81');
    expect(requests[0]?.raw.toString()).not.toContain('other.test');
  });

  it('duty 43: one authority decides on the route and goes on to the upstream', async () => {
    await using a = await RawUpstream.answering((request) => answerWith(`a ${request.header('host')}`));
    await using b = await RawUpstream.answering((request) => answerWith(`b ${request.header('host')}`));
    await using gateway = await startTestGateway(`
upstreams:
  a: { targets: ['${a.url}'], preserve_host: true }
  b: { targets: ['${b.url}'], preserve_host: true }
routes:
  - { path: /*, host: a.test, upstream: a }
  - { path: /*, host: '*.b.test', upstream: b }
`);
    await using client = await RawClient.connect(gateway.address.port);
    const body = async (bytes: string) => {
      const answer = await client.ask(bytes);
      return answer.status === 200 ? answer.body.toString() : answer.status;
    };
    expect(await body('GET / HTTP/1.1\r\nHost: A.test\r\n\r\n')).toBe('a a.test');
    expect(await body('GET http://a.test/ HTTP/1.1\r\nHost: x.b.test\r\n\r\n')).toBe('a a.test');
    expect(await body('GET http://x.b.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n')).toBe('b x.b.test');
    expect(await body('GET / HTTP/1.1\r\nHost: c.test\r\n\r\n')).toBe(404);
  });

  it('duty 43: a target of another scheme is misdirected, and nobody is asked', async () => {
    const { path, requests } = await recorded();
    await using _ = path;
    const answer = await path.ask('GET ftp://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n');
    expect(answer.status).toBe(421);
    expect(requests).toEqual([]);
    await path.judged({});
  });

  it('duty 44: `OPTIONS *` is the gateway’s own to answer', async () => {
    const { path, requests } = await recorded();
    await using _ = path;
    const answer = await path.ask('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(answer.status).toBe(204);
    expect(answer.header('allow')).toContain('GET');
    expect(requests).toEqual([]);
  });

  it('duty 44: `*` is for OPTIONS alone', async () => {
    const { path, requests } = await recorded();
    await using _ = path;
    expect((await path.ask('GET * HTTP/1.1\r\nHost: a\r\n\r\n')).status).toBe(400);
    expect(requests).toEqual([]);
  });

  it.each([
    '/',
    '/a/b?c=d&e=%20',
    '/%7Euser/caf%C3%A9',
    '/a%20b?x=../..&y=%2f%2F',
    "/-._~!$&'()*+,=:@",
    '/a?',
    '/a/?%00',
    '/AbC%aB%Ab',
  ])('duty 49: %s goes on byte for byte', async (target) => {
    const { path, requests } = await recorded();
    await using _ = path;
    expect((await path.ask(get(target))).status).toBe(200);
    expect(line(requests[0])).toBe(`GET ${target} HTTP/1.1`);
  });

  it.each(['/a/../b', '/a/./b', '/a/%2e%2e/b', '/a%2fb', '/a%5cb', '/a\\b', '/a%00', '/%zz', '/..'])(
    'duty 50: %s is refused before any route is looked at',
    async (target) => {
      const { path, requests } = await recorded();
      await using _ = path;
      const answer = await path.ask(get(target));
      expect(answer.status).toBe(400);
      expect(requests).toEqual([]);
      await path.judged({});
    },
  );

  it('duty 51: a request that has been here is a loop, and does not go round again', async () => {
    const { path, requests } = await recorded({ server: 'via: edge-7' });
    await using _ = path;
    const answer = await path.ask(get('/', ['Via: 1.1 other, 1.1 EDGE-7 (x)']));
    expect(answer.status).toBe(508);
    expect(answer.json()).toMatchObject({ error: { code: 'LOOP_DETECTED' } });
    expect(requests).toEqual([]);
  });

  it('duty 51: a gateway that is its own upstream answers instead of going round for ever', async () => {
    // By way of a relay, because the gateway's port is known only after its target's.
    await using relay = await RawUpstream.start(async (connection) => {
      const request = await connection.request();
      const answer = await (await path.connect()).ask(request.raw);
      connection.send(answer.raw);
    });
    await using path = await GatewayPath.start(relay);
    const answer = await path.ask(get('/'));
    expect(answer.status).toBe(508);
    expect(relay.connections).toHaveLength(1);
  });

  it('duty 52: Max-Forwards of OPTIONS counts down, and at 0 the gateway answers', async () => {
    const { path, requests } = await recorded();
    await using _ = path;
    const options = (hops: number) =>
      path.ask(`OPTIONS /a HTTP/1.1\r\nHost: a\r\nMax-Forwards: ${hops}\r\n\r\n`);
    expect((await options(2)).status).toBe(200);
    expect(requests[0]?.header('max-forwards')).toBe('1');
    expect((await options(0)).status).toBe(204);
    expect(requests).toHaveLength(1);
  });

  it('duty 52: of other methods it is a field like any other', async () => {
    const { path, requests } = await recorded();
    await using _ = path;
    expect((await path.ask(get('/', ['Max-Forwards: 0']))).status).toBe(200);
    expect(requests[0]?.header('max-forwards')).toBe('0');
  });
});
