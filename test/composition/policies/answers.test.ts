import { describe, expect, it } from 'vitest';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import type { RawResponse } from '../../helpers/raw-message.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { DEAD, handling, PolicyPath, SWITCHED, upgrade } from './policy-path.ts';

const OWN = [
  'X-Request-Id',
  'Via',
  'X-Circuit-Breaker-Api',
  'X-System-Degraded',
  'Server-Timing',
  'Cache-Status',
];
const shown = (answer: RawResponse) => OWN.filter((name) => answer.header(name) !== undefined);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('an answer', () => {
  it('carries what the gateway knows of it', async () => {
    await using api = await RawUpstream.answering(answerWith('well'));
    await using path = await PolicyPath.start({ api }, { route: 'cache: true', server: 'via: edge' });
    const answer = await path.ask(get());
    expect(shown(answer)).toEqual(OWN);
    expect(answer.header('x-request-id')).toMatch(UUID);
    expect(answer.header('via')).toBe('1.1 edge');
    expect(answer.header('x-circuit-breaker-api')).toBe('CLOSED');
    expect(answer.header('x-system-degraded')).toBe('false');
    expect(answer.header('server-timing')).toMatch(/^upstream;dur=[0-9]+\.[0-9]$/);
    expect(answer.header('cache-status')).toMatch(/^edge; fwd=/);
    expect(answer.header('x-fallback')).toBeUndefined();
  });

  it('has the client’s own X-Request-Id if it is a plain word, else one of ours, the same upstream', async () => {
    await using api = await RawUpstream.answering((request) =>
      answerWith(request.header('x-request-id') ?? ''),
    );
    await using path = await PolicyPath.start({ api });
    const kept = await path.ask(get('/', ['X-Request-Id: abc.123']));
    expect([kept.all('x-request-id'), kept.body.toString()]).toEqual([['abc.123'], 'abc.123']);
    for (const bad of ['two words', '{"a":1}', 'x'.repeat(129)]) {
      const made = await path.ask(get('/', [`X-Request-Id: ${bad}`]));
      expect(made.header('x-request-id')).toMatch(UUID);
      expect(made.body.toString()).toBe(made.header('x-request-id'));
    }
  });

  it.each([
    ['request_id', 'X-Request-Id'],
    ['via', 'Via'],
    ['circuit_breaker', 'X-Circuit-Breaker-Api'],
    ['degraded', 'X-System-Degraded'],
    ['server_timing', 'Server-Timing'],
    ['cache_status', 'Cache-Status'],
  ])('is without what answers.%s switches off, and has all the rest', async (key, name) => {
    await using api = await RawUpstream.answering(answerWith('well'));
    await using path = await PolicyPath.start(
      { api },
      { route: 'cache: true', top: `answers: { ${key}: false }` },
    );
    expect(shown(await path.ask(get()))).toEqual(OWN.filter((one) => one !== name));
  });

  it('cannot have these fields from the upstream, in whatever case, nor in its trailers', async () => {
    const spoofed = [
      'x-request-id: spoofed',
      'X-SYSTEM-DEGRADED: spoofed',
      'X-Circuit-Breaker-Api: spoofed',
      'x-circuit-breaker-other: spoofed',
      'X-Fallback: spoofed',
    ];
    const trailers = `0\r\n${spoofed.join('\r\n')}\r\nX-Real: yes\r\n\r\n`;
    await using api = await RawUpstream.answering(
      `HTTP/1.1 200 OK\r\n${spoofed.join('\r\n')}\r\nTransfer-Encoding: chunked\r\n\r\n${trailers}`,
    );
    await using path = await PolicyPath.start({ api, other: DEAD });
    const answer = await path.ask(get());
    expect(answer.raw.toString()).not.toContain('spoofed');
    expect(answer.trailers).toEqual([['X-Real', 'yes']]);
    for (const name of ['X-Request-Id', 'X-System-Degraded', 'X-Circuit-Breaker-Api']) {
      expect(answer.all(name)).toHaveLength(1);
    }
    expect(answer.all('X-Circuit-Breaker-Other')).toEqual([]);
  });

  it('keeps the upstream’s own Via, Server-Timing and Cache-Status, and ours comes last', async () => {
    await using api = await RawUpstream.answering(
      answerWith('well', ['Via: 1.1 inner', 'Server-Timing: db;dur=5', 'Cache-Status: inner; hit']),
    );
    await using path = await PolicyPath.start({ api }, { route: 'cache: true', server: 'via: edge' });
    const answer = await path.ask(get());
    expect(answer.all('via')).toEqual(['1.1 inner', '1.1 edge']);
    expect(answer.all('server-timing')).toEqual(['db;dur=5', expect.stringMatching(/^upstream;dur=/)]);
    expect(answer.all('cache-status')).toEqual(['inner; hit', expect.stringMatching(/^edge; fwd=/)]);
  });

  it('tells the state that its own failure has brought about, and of whatever breaker is not closed', async () => {
    await using api = await RawUpstream.answering(answerWith('bad', [], '500 Bad'));
    await using other = await RawUpstream.answering(answerWith('well'));
    await using path = await PolicyPath.start(
      { api, other },
      { breakers: { api: 'failure_threshold: 1' }, routes: ['{ path: /other, upstream: other }'] },
    );
    const before = await path.ask(get('/other'));
    expect(before.header('x-system-degraded')).toBe('false');
    const failed = await path.ask(get());
    expect([failed.header('x-circuit-breaker-api'), failed.header('x-system-degraded')]).toEqual([
      'OPEN',
      'true',
    ]);
    const after = await path.ask(get('/other'));
    expect([after.header('x-circuit-breaker-other'), after.header('x-system-degraded')]).toEqual([
      'CLOSED',
      'true',
    ]);
    expect(after.header('x-circuit-breaker-api')).toBeUndefined();
  });

  it('names the breaker’s field by the upstream, word by word', async () => {
    await using api = await RawUpstream.answering(answerWith('well'));
    await using path = await PolicyPath.start({ user_store: api });
    expect((await path.ask(get())).header('X-Circuit-Breaker-User-Store')).toBe('CLOSED');
  });

  it('after two attempts has each field once, and the time of the one that answered', async () => {
    await using api = await handling((connection, _request, nth) => {
      if (nth > 0) connection.send(answerWith('well'));
      else setTimeout(() => connection.send(answerWith('', [], '503 No')), 800);
    });
    await using path = await PolicyPath.start({ api }, { route: 'retry: { backoff: { initial: 1ms } }' });
    const answer = await path.ask(get());
    for (const name of OWN.slice(0, 5)) expect(answer.all(name)).toHaveLength(1);
    expect(Number(/dur=(.*)/.exec(answer.header('server-timing') ?? '')?.[1])).toBeLessThan(700);
  });
});

describe('the gateway’s own', () => {
  it('101 carries them', async () => {
    await using api = await RawUpstream.answering(SWITCHED);
    await using path = await PolicyPath.start({ api }, { server: 'via: edge' });
    const client = await path.connect();
    client.send(upgrade());
    const head = await client.waitFor('\r\n\r\n');
    expect(head).toContain('\r\nVia: 1.1 edge\r\n');
    expect(head).toMatch(/\r\nX-Request-Id: \S+\r\n/);
    expect(head).toContain('\r\nX-Circuit-Breaker-Api: CLOSED\r\n');
    expect(head).toContain('\r\nX-System-Degraded: false\r\n');
  });

  it('errors carry them: of an upstream that fails, a breaker that is open, a route that is not there', async () => {
    await using path = await PolicyPath.start(
      { api: DEAD },
      {
        breakers: { api: 'failure_threshold: 1' },
        routes: ['{ path: /only, host: only.test, upstream: api }'],
        route: 'host: gateway.test',
      },
    );
    const failed = await path.ask(get());
    expect([failed.status, failed.header('x-circuit-breaker-api')]).toEqual([502, 'OPEN']);
    const open = await path.ask(get());
    expect([open.status, open.header('x-circuit-breaker-api'), open.header('x-system-degraded')]).toEqual([
      503,
      'OPEN',
      'true',
    ]);
    const lost = await path.ask(get().replace('gateway.test', 'nowhere.test'));
    expect([lost.status, lost.header('x-system-degraded')]).toEqual([404, 'true']);
    for (const answer of [failed, open, lost]) expect(answer.header('x-request-id')).toMatch(UUID);
  });

  it('504 for only-if-cached says what the cache said', async () => {
    await using path = await PolicyPath.start({ api: DEAD }, { route: 'cache: true' });
    const answer = await path.ask(get('/', ['Cache-Control: only-if-cached']));
    expect([answer.status, answer.header('cache-status')]).toEqual([
      504,
      expect.stringMatching(/^[\w-]+; fwd=/),
    ]);
  });

  it('errors are without them where they are switched off', async () => {
    await using path = await PolicyPath.start(
      { api: DEAD },
      { top: 'answers: { circuit_breaker: false, degraded: false }' },
    );
    const answer = await path.ask(get());
    expect(answer.header('x-circuit-breaker-api')).toBeUndefined();
    expect(answer.header('x-system-degraded')).toBeUndefined();
  });
});
