import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { callAdmin } from '../../helpers/admin-client.ts';
import { eventually } from '../../helpers/eventually.ts';
import { startTestGateway, type TestGateway } from '../../helpers/test-gateway.ts';

const DEAD = 'http://127.0.0.1:1';

/** A service that answers each message with the same one, and refuses paths that begin with /refused. */
class EchoService {
  readonly http: Server = createServer((request, response) => {
    response.setHeader('X-Seen', request.headers.upgrade ?? 'no upgrade');
    response.end('plain');
  });
  readonly sockets: WebSocketServer;
  readonly closes: number[] = [];

  constructor() {
    this.sockets = new WebSocketServer({ noServer: true });
    this.http.on('upgrade', (request, socket, head) => {
      if (request.url?.startsWith('/refused')) {
        socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\nX-Why: because\r\n\r\nno!\n');
        return;
      }
      this.sockets.handleUpgrade(request, socket, head, (ws) => {
        ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
        ws.on('close', (code) => this.closes.push(code));
        ws.on('error', () => {});
      });
    });
  }

  static async start(): Promise<EchoService> {
    const service = new EchoService();
    service.http.listen(0, '127.0.0.1');
    await once(service.http, 'listening');
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** The service's ends of the open connections. */
  get open(): WebSocket[] {
    return [...this.sockets.clients];
  }

  async stop(): Promise<void> {
    for (const ws of this.open) ws.terminate();
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }
}

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function stage(upstream = '', route = ''): Promise<{ service: EchoService; gateway: TestGateway }> {
  const service = await EchoService.start();
  cleanups.push(() => service.stop());
  const gateway = await startTestGateway(
    `
server: { listen: '127.0.0.1:0', shutdown_timeout: 1s }
upstreams:
  chat: { targets: ['${service.url}']${upstream} }
  dead: { targets: ['${DEAD}'], circuit_breaker: { failure_threshold: 2 } }
routes:
  - { path: /*, upstream: chat${route} }
  - { path: /dead/*, upstream: dead }
`,
    { admin: true },
  );
  cleanups.push(() => gateway.stop());
  return { service, gateway };
}

function connect(gateway: TestGateway, path = '/chat'): WebSocket {
  const ws = new WebSocket(`${gateway.url.replace('http', 'ws')}${path}`, { perMessageDeflate: false });
  ws.on('error', () => {});
  return ws;
}

async function opened(gateway: TestGateway, path = '/chat'): Promise<WebSocket> {
  const ws = connect(gateway, path);
  await once(ws, 'open');
  return ws;
}

/** The answer in place of a 101. */
async function refusal(ws: WebSocket): Promise<{ status: number; headers: object; body: string }> {
  const [, response] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage];
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

async function totals(gateway: TestGateway, breaker: string): Promise<unknown> {
  const reply = await callAdmin(gateway.adminAddress!, `/breakers/${breaker}`);
  return (reply.json() as { totals: unknown }).totals;
}

interface Health {
  readonly data: Readonly<
    Record<string, { targets: { in_flight: number }[]; bulkhead?: { in_use: number } }>
  >;
}

async function inFlight(gateway: TestGateway): Promise<number | undefined> {
  const health = (await (await fetch(`${gateway.url}/health`)).json()) as Health;
  return health.data.chat?.targets[0]?.in_flight;
}

describe('a WebSocket through the gateway', () => {
  it('echoes, tells of itself in the 101, and counts one success for its breaker at the 101', async () => {
    const { gateway } = await stage();
    const ws = connect(gateway);
    const [response] = (await once(ws, 'upgrade')) as [IncomingMessage];
    expect(response.headers).toMatchObject({
      'x-circuit-breaker-chat': 'CLOSED',
      'x-system-degraded': 'false',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    if (ws.readyState !== WebSocket.OPEN) await once(ws, 'open');
    expect(await totals(gateway, 'chat')).toMatchObject({ successes: 1, failures: 0 });
    ws.send('hello');
    expect(String((await once(ws, 'message'))[0])).toBe('hello');
    expect(await inFlight(gateway)).toBe(1);
    ws.close(1000);
    await once(ws, 'close');
    await eventually(async () => expect(await inFlight(gateway)).toBe(0));
    expect(await totals(gateway, 'chat')).toMatchObject({ successes: 1, failures: 0, excluded: 0 });
  });

  it('passes 1 MiB of binary data there and back', async () => {
    const { gateway } = await stage();
    const ws = await opened(gateway);
    const sent = randomBytes(1024 * 1024);
    ws.send(sent);
    const [received] = (await once(ws, 'message')) as [Buffer];
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(hash(received)).toBe(hash(sent));
    ws.terminate();
  });

  it('ends at the service when the client breaks off, and at the client when the service does', async () => {
    const { service, gateway } = await stage();
    const leaving = await opened(gateway);
    leaving.terminate();
    await eventually(() => expect(service.closes).toEqual([1006]));
    const left = await opened(gateway);
    for (const ws of service.open) ws.terminate();
    expect((await once(left, 'close'))[0]).toBe(1006);
    await eventually(async () => expect(await inFlight(gateway)).toBe(0));
    expect(await totals(gateway, 'chat')).toMatchObject({ successes: 2, failures: 0 });
  });

  it('passes a refusal on with status, fields and body', async () => {
    const { gateway } = await stage();
    const answer = await refusal(connect(gateway, '/refused'));
    expect(answer).toMatchObject({ status: 403, body: 'no!\n', headers: { 'x-why': 'because' } });
  });

  it('counts a dead service, and is refused at once when the breaker has opened', async () => {
    const { gateway } = await stage();
    for (let attempt = 0; attempt < 2; attempt++) {
      const answer = await refusal(connect(gateway, '/dead/x'));
      expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([502, 'UPSTREAM_UNREACHABLE']);
    }
    const answer = await refusal(connect(gateway, '/dead/x'));
    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([503, 'CIRCUIT_BREAKER_OPEN']);
    expect(answer.headers).toMatchObject({
      'retry-after': expect.any(String),
      'x-circuit-breaker-dead': 'OPEN',
    });
  });

  it('finds another target by retry, and another upstream by fallback', async () => {
    const service = await EchoService.start();
    cleanups.push(() => service.stop());
    const gateway = await startTestGateway(`
upstreams:
  chat: { targets: ['${DEAD}', '${service.url}'] }
  dead: { targets: ['${DEAD}'] }
  alive: { targets: ['${service.url}'] }
routes:
  - { path: /retry/*, upstream: chat, retry: { attempts: 2, backoff: { initial: 1ms } } }
  - { path: /fallback/*, upstream: dead, fallback: [{ upstream: alive }] }
`);
    cleanups.push(() => gateway.stop());
    for (let attempt = 0; attempt < 2; attempt++) (await opened(gateway, '/retry/x')).terminate();
    expect(gateway.logLines.map(({ event }) => event)).toContain('retry');
    const ws = connect(gateway, '/fallback/x');
    const [response] = (await once(ws, 'upgrade')) as [IncomingMessage];
    expect(response.headers['x-fallback']).toBe('secondary');
    ws.terminate();
  });

  it('holds its slot of the bulkhead as long as it is open', async () => {
    const { gateway } = await stage(', bulkhead: { max_concurrent: 1 }');
    const first = await opened(gateway);
    const answer = await refusal(connect(gateway));
    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([503, 'BULKHEAD_FULL']);
    first.close();
    await eventually(async () => (await opened(gateway)).terminate());
    expect(await totals(gateway, 'chat')).toMatchObject({ failures: 0 });
  });

  it('outlives the route’s timeout', async () => {
    // The first upgrade waits until the gateway has loaded what it needs.
    const { gateway } = await stage('', ', timeout: 1s');
    const ws = await opened(gateway);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    ws.send('still here');
    expect(String((await once(ws, 'message'))[0])).toBe('still here');
    ws.terminate();
  });

  it('is closed when it has been silent for tunnel_idle_timeout', async () => {
    const { service, gateway } = await stage('', ', tunnel_idle_timeout: 200ms');
    const ws = await opened(gateway);
    await once(ws, 'close');
    await eventually(() => expect(service.open).toEqual([]));
  });

  it('is not passed on by a route that says so: the service answers as to a plain request', async () => {
    const { gateway } = await stage('', ', websocket: false');
    const answer = await refusal(connect(gateway));
    expect(answer).toMatchObject({ status: 200, body: 'plain', headers: { 'x-seen': 'no upgrade' } });
  });

  it('is told 1001 on both sides when the gateway stops', async () => {
    const { service, gateway } = await stage();
    const ws = await opened(gateway);
    const closed = once(ws, 'close');
    await gateway.stop();
    expect((await closed)[0]).toBe(1001);
    await eventually(() => expect(service.closes).toEqual([1001]));
  });

  it('is one of five hundred at once, each with its own answers, and nothing is left of them', async () => {
    const { service, gateway } = await stage();
    const all = await Promise.all(Array.from({ length: 500 }, () => opened(gateway)));
    const answers = await Promise.all(
      all.map(async (ws, nth) => {
        ws.send(`message ${nth}`);
        return String((await once(ws, 'message'))[0]);
      }),
    );
    expect(answers).toEqual(all.map((_, nth) => `message ${nth}`));
    expect(service.open).toHaveLength(500);
    await Promise.all(
      all.map((ws) => {
        ws.close();
        return once(ws, 'close');
      }),
    );
    await eventually(async () => expect(await inFlight(gateway)).toBe(0));
    expect(service.open).toEqual([]);
  });
});
