import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { get } from '../../helpers/gateway-path.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { CrewPath } from './crew-path.ts';

const cached = (body: string) =>
  `HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const FAILED = 'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n';
const DONE = 'HTTP/1.1 204 No Content\r\n\r\n';
const WRITE = get('/page').replace('GET', 'PUT');

describe('what is kept of answers where there are two workers', () => {
  it('is forgotten by both as soon as the client of one has the answer to a change', async () => {
    let version = 0;
    await using api = await RawUpstream.answering(({ method }) => {
      if (method === 'GET') return cached(`version ${version}`);
      version++;
      return DONE;
    });
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'] }`],
      ['{ path: /*, upstream: api, cache: true }'],
    );
    const [one, two] = [await path.connect(1), await path.connect(2)];
    for (let round = 0; round < 20; round++) {
      for (const client of [one, two]) {
        expect((await client.ask(get('/page'))).body.toString()).toBe(`version ${round}`);
        const hit = await client.ask(get('/page'));
        expect(hit.header('cache-status')).toContain('hit');
      }
      const [writer, reader] = round % 2 === 0 ? [one, two] : [two, one];
      expect((await writer.ask(WRITE)).status).toBe(204);
      const fresh = await reader.ask(get('/page'));
      expect(fresh.body.toString()).toBe(`version ${round + 1}`);
    }
  });

  it('is not kept when it was asked for before a change that the other saw', async () => {
    let answerOld = (): void => {};
    let asked = 0;
    await using api = await RawUpstream.start(async (connection) => {
      for (;;) {
        const { method } = await connection.request({ withinMs: 60_000 });
        if (method !== 'GET') connection.send(DONE);
        else if (asked++ > 0) connection.send(cached('new'));
        else answerOld = () => connection.send(cached('old'));
      }
    });
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'] }`],
      ['{ path: /*, upstream: api, cache: true }'],
    );
    const [one, two] = [await path.connect(1), await path.connect(2)];
    one.send(get('/page'));
    await (await api.connection()).waitFor('/page');
    expect((await two.ask(WRITE)).status).toBe(204);
    answerOld();
    expect((await one.response()).body.toString()).toBe('old');
    expect((await one.ask(get('/page'))).body.toString()).toBe('new');
  });

  it('is a hit through the one when it came through the other', async () => {
    await using api = await RawUpstream.answering((_, nth) => cached(`answer ${nth}`));
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'] }`],
      ['{ path: /*, upstream: api, cache: true }'],
    );
    const clients = [await path.connect(1), await path.connect(2)];
    for (let nth = 0; nth < 40; nth++) {
      const [first, second] = nth % 2 === 0 ? clients : clients.toReversed();
      const fetched = await first!.ask(get(`/page?${nth}`));
      expect(fetched.header('cache-status')).toContain('fwd=uri-miss');
      for (const client of [second!, first!, second!]) {
        const hit = await client.ask(get(`/page?${nth}`));
        expect(hit.header('cache-status')).toContain('; hit');
        expect(hit.body.toString()).toBe(`answer ${nth}`);
      }
    }
  });

  it('is what was fetched last, also through the one that has a copy of what was there before', async () => {
    await using api = await RawUpstream.answering((_, nth) => cached(`answer ${nth}`));
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'] }`],
      ['{ path: /*, upstream: api, cache: true }'],
    );
    const [one, two] = [await path.connect(1), await path.connect(2)];
    for (const client of [one, two, one, two]) await client.ask(get('/page'));
    const reloaded = await one.ask(get('/page', ['Cache-Control: no-cache']));
    expect(reloaded.body.toString()).toBe('answer 1');
    await eventually(async () => expect((await two.ask(get('/page'))).body.toString()).toBe('answer 1'));
  });

  it('is found by the fields that it varies by', async () => {
    await using api = await RawUpstream.answering((_, nth) =>
      cached(`answer ${nth}`).replace('\r\n', '\r\nVary: Accept-Language\r\n'),
    );
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'] }`],
      ['{ path: /*, upstream: api, cache: true }'],
    );
    const [one, two] = [await path.connect(1), await path.connect(2)];
    const asked = (language: string) => get('/page', [`Accept-Language: ${language}`]);
    for (const [nth, language] of ['de', 'en'].entries()) {
      expect((await one.ask(asked(language))).body.toString()).toBe(`answer ${nth}`);
      // It is stored in two steps, the second of which may come after the end of the answer.
      await eventually(async () => {
        const hit = await one.ask(
          get('/page', [`Accept-Language: ${language}`, 'Cache-Control: only-if-cached']),
        );
        expect(hit.status).toBe(200);
      });
    }
    expect((await two.ask(asked('de'))).body.toString()).toBe('answer 0');
    expect((await two.ask(asked('en'))).body.toString()).toBe('answer 1');
  });

  it('stands in for a failure, whichever of the two has seen the answer', async () => {
    let isWell = true;
    await using api = await RawUpstream.answering(() => (isWell ? cached('well') : FAILED));
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'] }`],
      ['{ path: /*, upstream: api, fallback: [{ stale: 5m }] }'],
    );
    const clients = [await path.connect(1), await path.connect(2)];
    for (const [nth, through] of clients.entries()) {
      isWell = true;
      expect((await through.ask(get(`/${nth}`))).header('x-fallback')).toBeUndefined();
      isWell = false;
      for (const client of clients.toReversed()) {
        const stale = await client.ask(get(`/${nth}`));
        expect([stale.header('x-fallback'), stale.body.toString()]).toEqual(['stale', 'well']);
      }
    }
  });

  it('outlives the worker that it came through', async () => {
    await using api = await RawUpstream.answering((_, nth) => cached(`answer ${nth}`));
    await using path = await CrewPath.start(
      [`api: { targets: ['${api.url}'] }`],
      ['{ path: /*, upstream: api, cache: true }'],
    );
    const [one, two] = [await path.connect(1), await path.connect(2)];
    await one.ask(get('/page'));
    expect((await two.ask(get('/page'))).header('cache-status')).toContain('; hit');
    await path.crew.workers[0]!.terminate();
    await one.closed();
    await eventually(() => expect(path.lines('worker_replaced')).toHaveLength(1));
    for (const client of [two, await path.connect(1)]) {
      const hit = await client.ask(get('/page'));
      expect([hit.header('cache-status')?.includes('; hit'), hit.body.toString()]).toEqual([
        true,
        'answer 0',
      ]);
    }
  });
});
