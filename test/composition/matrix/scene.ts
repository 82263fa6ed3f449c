import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { callAdmin } from '../../helpers/admin-client.ts';
import { freePort } from '../../helpers/free-port.ts';
import { get } from '../../helpers/gateway-path.ts';
import { RawClient } from '../../helpers/raw-client.ts';
import type { RawResponse } from '../../helpers/raw-message.ts';
import { RawUpstream, type UpstreamConnection } from '../../helpers/raw-upstream.ts';
import { type ListenerCounts, listenerCounts, type SocketWatch } from '../../helpers/socket-watch.ts';
import { startTestGateway, type TestGateway } from '../../helpers/test-gateway.ts';
import { until } from '../../helpers/until.ts';
import type { Cell, Sight } from './cell.ts';
import { CellClient, contentOf, REQUEST_ID } from './cell-client.ts';
import { type FaultCues, faultyService, healthyService } from './faulty-service.ts';
import { gatewayYaml } from './gateway-yaml.ts';

/** What the gateway holds for requests under way. */
export interface Holdings {
  readonly halfOpenInFlight: number;
  /** Attempts, of all targets. */
  readonly inFlight: number;
  /** Slots of the bulkhead, and requests in its line. */
  readonly slots: number;
  readonly queued: number;
  /** Connections that it has accepted. */
  readonly clients: number;
}

/** A gateway with the policy of one cell, the service that fails, a secondary and another service, and the client. */
export class Scene implements FaultCues, AsyncDisposable {
  readonly cell: Cell;
  readonly #sockets: SocketWatch;
  readonly #services: { readonly own: RawUpstream[]; secondary: RawUpstream; other: RawUpstream };
  readonly #deadPort: number | null;
  readonly #gateway: TestGateway;
  readonly #clients: { destroy(): void }[] = [];
  #client: CellClient | null = null;
  /** Of the requests that come after it. */
  #nextClient: RawClient | null = null;
  /** The gateway's end of the client's connection, and what listened to it before the request. */
  #accepted: { readonly socket: Socket; readonly before: ListenerCounts } | null = null;
  #answer: Sight['answer'] | null = null;
  #second: Sight['second'] = null;

  private constructor(cell: Cell, sockets: SocketWatch, parts: SceneParts) {
    this.cell = cell;
    this.#sockets = sockets;
    this.#services = parts.services;
    this.#deadPort = parts.deadPort;
    this.#gateway = parts.gateway;
  }

  static async start(cell: Cell, sockets: SocketWatch): Promise<Scene> {
    let scene: Scene | null = null;
    const cues = () => scene as Scene;
    const own = await RawUpstream.start(faultyService(cues));
    const secondary = await RawUpstream.start(healthyService(cues, 'from the secondary'));
    const other = await RawUpstream.start(healthyService(cues, 'other'));
    const deadPort = cell.fault === 'refused' ? await freePort() : null;
    const targets = deadPort === null ? [own.url] : [`http://127.0.0.1:${deadPort}`];
    // Somebody has to answer the second attempt.
    if (deadPort !== null && cell.policy === 'retry') targets.push(own.url);
    const yaml = gatewayYaml(cell, { targets, secondary: secondary.url, other: other.url });
    const gateway = await startTestGateway(yaml, { admin: true });
    scene = new Scene(cell, sockets, { services: { own: [own], secondary, other }, deadPort, gateway });
    return scene;
  }

  /** The request of the cell, with its fault, from its beginning to its end. */
  async play(): Promise<void> {
    const client = await CellClient.connect(this.#port, this.cell);
    this.#client = client;
    this.#clients.push(client);
    const socket = this.#sockets.acceptedOn(this.#port)[0] as Socket;
    this.#accepted = { socket, before: listenerCounts(socket) };
    this.#answer = await client.ask();
  }

  finishRequest(): void {
    this.#client?.finishRequest();
  }

  async meanwhile(): Promise<void> {
    if (this.cell.policy !== 'bulkhead') return;
    const response = await this.#askNext();
    const { code } = contentOf(response);
    const retryAfter = String(response.header('retry-after'));
    this.#second = { status: response.status, code: String(code), retryAfter };
  }

  async clientHas(text: string): Promise<void> {
    await this.#client?.has(text);
  }

  async gatewayHasWritten({ socket }: UpstreamConnection): Promise<void> {
    const { localPort = 0, remotePort } = socket;
    const isPeer = (one: { localPort?: number | undefined }) => one.localPort === remotePort;
    await until(() =>
      this.#sockets
        .connectedTo(localPort)
        .filter(isPeer)
        .some((one) => !one.connecting && one.bytesWritten > 0),
    );
  }

  /** What there is to see of the request by now. */
  async sight(): Promise<Sight> {
    const { state, totals } = await this.#admin('/breakers/api');
    const { successes, failures, timeouts, slow, excluded, rejections } = totals as Sight['breaker'];
    const { api } = await this.#health();
    const own = this.#services.own.flatMap(({ connections }) => connections);
    const { secondary } = this.#services;
    return {
      answer: this.#answer as Sight['answer'],
      second: this.#second,
      breaker: { state: String(state), successes, failures, timeouts, slow, excluded, rejections },
      attempts: {
        begun: sum(api?.targets.map(({ requests }) => requests)),
        arrived: own.length,
      },
      secondary: secondary.connections.length,
      kept: this.#upstreamSockets().length,
      log: this.#gateway.logLines.map(asText),
    };
  }

  /** Lets the service come up that was not there. */
  async mend(): Promise<void> {
    if (this.#deadPort === null) return;
    const server = createServer({ allowHalfOpen: true });
    this.#services.own.push(
      new RawUpstream(
        server,
        healthyService(() => this, 'well'),
      ),
    );
    await once(server.listen(this.#deadPort, '127.0.0.1'), 'listening');
  }

  /** Another request, to the service that has failed before. */
  async again(): Promise<{ status: number; body: string }> {
    const { status, body } = await this.#askNext();
    return { status, body: body.toString() };
  }

  async holdings(): Promise<Holdings> {
    const services = Object.values(await this.#health());
    const breaker = await this.#admin('/breakers/api');
    return {
      halfOpenInFlight: Number(breaker.half_open_in_flight),
      inFlight: sum(services.flatMap(({ targets }) => targets.map(({ in_flight }) => in_flight))),
      slots: sum(services.map(({ bulkhead }) => bulkhead?.in_use ?? 0)),
      queued: sum(services.map(({ bulkhead }) => bulkhead?.queued ?? 0)),
      clients: this.#sockets.acceptedOn(this.#port).length,
    };
  }

  /** What listens to the gateway's end of the client's connection that did not before the request. */
  listenersLeft(): ListenerCounts {
    if (this.#accepted === null || this.#accepted.socket.destroyed) return {};
    const { socket, before } = this.#accepted;
    const now = Object.entries(listenerCounts(socket));
    return Object.fromEntries(now.filter(([name, count]) => count !== before[name]));
  }

  /** Of the gateway's ends of the connections that it keeps to upstreams. */
  upstreamListeners(): ListenerCounts[] {
    return this.#upstreamSockets().map(listenerCounts);
  }

  /** What its services could not make sense of. */
  get failures(): unknown[] {
    const { own, secondary, other } = this.#services;
    return [...own, secondary, other].flatMap(({ failures }) => failures);
  }

  /** All its clients leave. */
  leave(): void {
    for (const client of this.#clients) client.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leave();
    await this.#gateway.stop();
    const { own, secondary, other } = this.#services;
    for (const service of [...own, secondary, other]) await service.close();
  }

  get #port(): number {
    return this.#gateway.address.port;
  }

  async #askNext(): Promise<RawResponse> {
    if (this.#nextClient === null) {
      this.#nextClient = await RawClient.connect(this.#port);
      this.#clients.push(this.#nextClient);
    }
    return this.#nextClient.ask(get('/cell', ['X-Request-Id: next']), { withinMs: 5_000 });
  }

  async #admin(path: string): Promise<Record<string, unknown>> {
    const reply = await callAdmin(this.#gateway.adminAddress ?? this.#gateway.address, path);
    return reply.json();
  }

  async #health(): Promise<Record<string, ServiceFacts>> {
    return (await this.#admin('/health')).data as Record<string, ServiceFacts>;
  }

  #upstreamSockets() {
    const { own, secondary } = this.#services;
    return [...own, secondary].flatMap(({ port }) => this.#sockets.connectedTo(port));
  }
}

interface SceneParts {
  readonly services: { readonly own: RawUpstream[]; secondary: RawUpstream; other: RawUpstream };
  readonly deadPort: number | null;
  readonly gateway: TestGateway;
}

/** What is looked at of a service in `GET /health`. */
interface ServiceFacts {
  readonly bulkhead?: { readonly in_use: number; readonly queued: number };
  readonly targets: readonly { readonly in_flight: number; readonly requests: number }[];
}

/** A line of the log; whose it is, unless it is of the request that the cell is about. */
function asText(line: Readonly<Record<string, unknown>>): string {
  const { level, event, msg, kind, why, attempt, upstream, fallback, request_id } = line;
  const of = request_id === REQUEST_ID ? '' : ` of request ${request_id}`;
  if (event === 'upstream_failed')
    return `${level} ${event}: ${kind}, attempt ${attempt} at ${upstream}${of}`;
  if (event === 'retry') return `${level} ${event}: ${why}, attempt ${attempt} at ${upstream}${of}`;
  if (event === 'fallback') return `${level} ${event}: ${why}, ${fallback}${of}`;
  return `${level} ${msg}${of}`;
}

function sum(numbers: readonly number[] = []): number {
  return numbers.reduce((total, one) => total + one, 0);
}
