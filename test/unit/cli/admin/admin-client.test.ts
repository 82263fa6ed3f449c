import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AdminCallError } from '../../../../src/cli/admin/admin-call-error.ts';
import { AdminClient } from '../../../../src/cli/admin/admin-client.ts';
import { freePort } from '../../../helpers/free-port.ts';
import { testCertificate } from '../../../helpers/test-certificate.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listening(server: Server): Promise<number> {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function clientOf(answer: RequestListener, token: string | null = 's3cret'): Promise<AdminClient> {
  const port = await listening(createServer(answer));
  return new AdminClient(
    { url: `http://127.0.0.1:${port}`, token, hint: null },
    { timeoutMs: 300, silenceMs: 300 },
  );
}

async function failureOf(client: AdminClient): Promise<AdminCallError> {
  const error = await client.overview().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AdminCallError);
  expect((error as Error).message).not.toContain('s3cret');
  return error as AdminCallError;
}

function refusing(status: number, code: string): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify({ error: { code, message: 'Because.', request_id: 'r' } }));
  };
}

describe('a request to the admin API', () => {
  it('carries the token', async () => {
    const seen: (string | undefined)[] = [];
    const client = await clientOf((request, response) => {
      seen.push(request.headers.authorization, request.url, request.method);
      response.setHeader('content-type', 'application/json').end('{"name":"a/b","state":"OPEN"}');
    });
    expect(await client.turn('open', 'a/b')).toMatchObject({ state: 'OPEN' });
    expect(seen).toEqual(['Bearer s3cret', '/breakers/a%2Fb/open', 'POST']);
  });

  it('follows no redirect with it', async () => {
    let stolen = 0;
    const thief = await listening(
      createServer((_, response) => {
        stolen++;
        response.end();
      }),
    );
    const client = await clientOf((_, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${thief}/` }).end(),
    );
    expect(await failureOf(client)).toMatchObject({ code: 'REDIRECT' });
    expect(stolen).toBe(0);
  });

  it.each([
    [401, 'UNAUTHORIZED', 'UNAUTHORIZED', 'wrong'],
    [403, 'FORBIDDEN', 'FORBIDDEN', 'Because.'],
    [404, 'ROUTE_NOT_FOUND', 'NOT_BREAKWATER', 'is not the admin API'],
    [404, 'BREAKER_NOT_FOUND', 'REFUSED', 'Because.'],
    [500, 'INTERNAL_ERROR', 'REFUSED', 'Because.'],
    [503, 'TOO_MANY_STREAMS', 'BUSY', 'Because.'],
  ])('that is answered with %i %s fails as %s', async (status, code, expected, text) => {
    const error = await failureOf(await clientOf(refusing(status, code)));
    expect(error.code).toBe(expected);
    expect(error.message).toContain(text);
  });

  it('without a token says which variable is missing', async () => {
    const error = await failureOf(await clientOf(refusing(401, 'UNAUTHORIZED'), null));
    expect(error.message).toMatch(/wants a token: set BREAKWATER_ADMIN_TOKEN/);
  });

  it.each([
    ['text/html', '<h1>It works</h1>'],
    ['application/json', '{"hello":"world"}'],
    ['application/json', 'null'],
    ['application/json', '{"upstre'],
    ['application/json', '{"gateway":{},"upstreams":[{}]}'],
  ])('that is answered by something else fails: %s %s', async (type, body) => {
    const client = await clientOf((_, response) => response.setHeader('content-type', type).end(body));
    expect(await failureOf(client)).toMatchObject({ code: 'NOT_BREAKWATER' });
  });

  it('for events that is answered with something else fails', async () => {
    const client = await clientOf((_, response) =>
      response.setHeader('content-type', 'application/json').end('{"events":[{"id":1}]}'),
    );
    await expect(client.events(0)).rejects.toMatchObject({ code: 'NOT_BREAKWATER' });
  });

  it.each([
    ['does not begin', () => {}],
    [
      'does not end',
      ((_, response) => {
        response.setHeader('content-type', 'application/json').write('{');
      }) satisfies RequestListener,
    ],
  ])('whose answer %s fails in time', async (_, answer) => {
    expect(await failureOf(await clientOf(answer))).toMatchObject({ code: 'TIMEOUT', passing: true });
  });

  it('to where nobody listens says so, and the hint of where it might be', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const error = await failureOf(new AdminClient({ url, token: null, hint: 'look elsewhere' }));
    expect(error).toMatchObject({ code: 'UNREACHABLE', passing: true });
    expect(error.message).toBe(
      `nobody listens on ${url}: no gateway runs there, or its admin API is elsewhere; look elsewhere`,
    );
  });

  it('does not trust every certificate', async () => {
    const port = await listening(
      createTlsServer(testCertificate('127.0.0.1'), (_, response) => response.end()),
    );
    const error = await failureOf(
      new AdminClient({ url: `https://127.0.0.1:${port}`, token: 's3cret', hint: null }),
    );
    expect(error.message).toContain('NODE_EXTRA_CA_CERTS');
  });
});

describe('a stream of the admin API', () => {
  const never = new AbortController().signal;

  async function read(client: AdminClient, signal = never): Promise<string[]> {
    const found: string[] = [];
    for await (const { event, data } of client.follow(7, signal)) found.push(`${event} ${data}`);
    return found;
  }

  it('brings its messages until it ends, and says which one was the last', async () => {
    const seen: unknown[] = [];
    const client = await clientOf((request, response) => {
      seen.push(request.headers['last-event-id'], request.headers.accept, request.headers.authorization);
      response.setHeader('content-type', 'text/event-stream');
      response.write('event: a\ndata: ü');
      response.end('1\n\nevent: b\ndata: 2\n\n');
    });
    expect(await read(client)).toEqual(['a ü1', 'b 2']);
    expect(seen).toEqual(['7', 'text/event-stream', 'Bearer s3cret']);
  });

  it('that falls silent counts as broken', async () => {
    const client = await clientOf((_, response) => {
      response.setHeader('content-type', 'text/event-stream').write('data: 1\n\n');
    });
    await expect(read(client)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it.each([
    [
      'breaks off',
      'UNREACHABLE',
      (_: unknown, response: { socket: { destroy(): void } | null }) => response.socket?.destroy(),
    ],
    ['is refused', 'UNAUTHORIZED', refusing(401, 'UNAUTHORIZED')],
  ] as const)('that %s fails as %s', async (_, code, answer) => {
    await expect(read(await clientOf(answer as RequestListener))).rejects.toMatchObject({ code });
  });

  it('ends without an error when its reader wants no more, and leaves no connection', async () => {
    const closed = Promise.withResolvers<void>();
    const client = await clientOf((request, response) => {
      request.socket.on('close', () => closed.resolve());
      response.setHeader('content-type', 'text/event-stream').write('data: 1\n\n');
    });
    const ending = new AbortController();
    for await (const _ of client.follow(0, ending.signal)) ending.abort();
    await closed.promise;
  });
});
