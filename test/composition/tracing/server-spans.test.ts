import { describe, expect, it } from 'vitest';
import { answerWith, get, post, postHead } from '../../helpers/gateway-path.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { DEAD } from '../policies/policy-path.ts';
import { answeringInTurn, TracedPath } from './traced-path.ts';

const good = answerWith('fine');

describe('the spans of a request', () => {
  it('are there of what the gateway refuses itself, and not of its own pages', async () => {
    await using traced = await TracedPath.start({ api: DEAD }, { route: 'methods: [GET]' });
    expect((await traced.path.ask(get('/health', ['X-Request-Id: page']))).status).toBe(200);
    expect((await traced.path.ask(post('', ['X-Request-Id: refused'], '/x?secret=1'))).status).toBe(405);
    const [server] = await traced.receiver.exchange('refused', 0);
    expect(server).toMatchObject({
      name: 'POST',
      status: 'unset',
      attributes: {
        'http.response.status_code': 405,
        'breakwater.error_code': 'METHOD_NOT_ALLOWED',
        'url.path': '/x',
      },
    });
    expect(traced.receiver.spans).toHaveLength(1);
  });

  it('call a method that nobody knows _OTHER', async () => {
    await using api = await answeringInTurn(good);
    await using traced = await TracedPath.start({ api });
    const id = 'X-Request-Id: odd';
    expect((await traced.path.ask(get('/', [id]).replace('GET', 'PURGE'))).status).toBe(200);
    const [server, client] = await traced.receiver.exchange('odd', 1);
    const odd = { 'http.request.method': '_OTHER', 'http.request.method_original': 'PURGE' };
    expect(server).toMatchObject({ name: 'HTTP /*', attributes: odd });
    expect(client).toMatchObject({ name: 'HTTP', attributes: odd });
  });

  it('hold nothing of queries, header fields and bodies, and no more than 1024 characters of anything', async () => {
    await using api = await answeringInTurn(good);
    await using traced = await TracedPath.start({ api });
    const long = 'p'.repeat(3000);
    const fields = [
      'Authorization: Bearer hush-1',
      'Cookie: sid=hush-2',
      `User-Agent: ${'u'.repeat(3000)}`,
      'X-Request-Id: secrets',
    ];
    await traced.path.ask(post('hush-3', fields, `/${long}?token=hush-4`));
    const spans = await traced.receiver.exchange('secrets', 1);
    const text = JSON.stringify(spans, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    expect(text).not.toContain('hush');
    for (const { attributes } of spans)
      for (const value of Object.values(attributes)) expect(String(value).length).toBeLessThanOrEqual(1024);
  });

  it('name the client behind proxies that are believed', async () => {
    await using api = await answeringInTurn(good);
    await using traced = await TracedPath.start(
      { api },
      { server: 'trusted_proxies: [127.0.0.1, 10.0.0.0/8]' },
    );
    const { server } = await traced.trace(1, ['X-Forwarded-For: 192.0.2.9, 198.51.100.7, 10.1.1.1']);
    expect(server.attributes).toMatchObject({
      'client.address': '198.51.100.7',
      'network.peer.address': '127.0.0.1',
    });
  });

  it('end with a request whose body never comes', async () => {
    await using api = await RawUpstream.start();
    await using traced = await TracedPath.start({ api }, { server: 'body_timeout: 50ms' });
    const client = await traced.path.connect();
    client.send(postHead(10, ['X-Request-Id: slow']));
    await client.closed();
    const [server] = await traced.receiver.exchange('slow', 1);
    expect(server.attributes['http.response.status_code']).toBe(408);
  });
});
