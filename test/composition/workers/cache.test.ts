import { describe, expect, it } from 'vitest';
import { get } from '../../helpers/gateway-path.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { CrewPath } from './crew-path.ts';

const cached = (body: string) =>
  `HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const DONE = 'HTTP/1.1 204 No Content\r\n\r\n';
const WRITE = get('/page').replace('GET', 'PUT');

describe('what two workers keep of answers', () => {
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
});
