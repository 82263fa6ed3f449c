import { setImmediate as turn } from 'node:timers/promises';
import { parseConfig, type RunningGateway, startGateway } from '../../src/gateway.ts';
import { createLogger } from '../../src/observe/log.ts';
import { RawClient } from '../helpers/raw-client.ts';
import type { ConnectionEnd } from '../helpers/raw-connection.ts';
import type { SocketWatch } from '../helpers/socket-watch.ts';
import { RecordingUpstream, type UpstreamAnswer } from './recording-upstream.ts';

/** What a client sends over one connection, how it leaves, and what the upstream answers. */
export interface GatewayCase {
  readonly pieces: readonly Buffer[];
  /** What the client does between two pieces: nothing, or wait until all is still. */
  readonly pause: 'none' | 'still';
  /** How it leaves; `at-once`: without waiting for what comes of its requests. */
  readonly leaves: 'fin' | 'reset' | 'fin-at-once' | 'reset-at-once';
  readonly answers: readonly UpstreamAnswer[];
}

/** What came of it. */
export interface GatewayOutcome {
  readonly seen: RecordingUpstream['seen'];
  readonly begun: readonly string[];
  readonly invalid: readonly string[];
  readonly received: Buffer;
  /** The connection stood before the client left. */
  readonly lived: boolean;
  /** Null: the gateway has not noticed that the client left. */
  readonly end: ConnectionEnd | null;
}

/** Turns of the event loop in which nothing happens until nothing is taken to happen any more. */
const STILL_TURNS = 8;
const LONGEST_MS = 20_000;

/** A whole gateway before an upstream that keeps what comes. */
export class GatewayStage {
  readonly #gateway: RunningGateway;
  readonly #upstream: RecordingUpstream;
  readonly #watch: SocketWatch;

  private constructor(gateway: RunningGateway, upstream: RecordingUpstream, watch: SocketWatch) {
    this.#gateway = gateway;
    this.#upstream = upstream;
    this.#watch = watch;
  }

  static async start(fastLane: boolean, watch: SocketWatch): Promise<GatewayStage> {
    const upstream = await RecordingUpstream.start();
    const yaml = `
server:
  { listen: '127.0.0.1:0', fast_lane: ${fastLane}, via: fuzz, shutdown_timeout: 100ms,
    max_header_size: 8KiB, max_target_size: 2KiB, max_body_size: 8KiB }
upstreams:
  api:
    { targets: ['http://127.0.0.1:${upstream.port}'], preserve_host: true, circuit_breaker: { mode: disabled } }
routes:
  - { path: /*, upstream: api }
`;
    const config = parseConfig(yaml, { file: 'fuzz.yaml', env: {} });
    const log = createLogger({ level: 'fatal', destination: { write: () => {} } });
    return new GatewayStage(await startGateway(config, { log }), upstream, watch);
  }

  /**
   * @param requests that there are in what is sent, as node reads it
   * @param settleMs time for what was sent to be read, beside some turns of the event loop
   */
  async outcomeOf(one: GatewayCase, requests: number, settleMs: number): Promise<GatewayOutcome> {
    const upstream = this.#upstream;
    upstream.begin(one.answers, requests, settleMs);
    const client = await RawClient.connect(this.#gateway.address.port);
    await this.#until(() => this.#accepted().length > 0);
    let sent = 0;
    for (const piece of one.pieces) {
      if (client.ended !== null) break;
      client.send(piece);
      sent += piece.length;
      if (one.pause === 'still') await this.#still(client, sent, settleMs);
    }
    const atOnce = one.leaves.endsWith('at-once');
    if (!atOnce) await this.#still(client, sent, settleMs);
    const lived = client.ended === null;
    if (one.leaves.startsWith('fin')) client.end();
    else client.reset();
    await this.#still(client, 0, settleMs);
    const end = client.ended;
    // Copies: a gateway that goes on tells nothing of what it did until now.
    const [seen, begun, invalid] = [[...upstream.seen], upstream.begun, [...upstream.invalid]];
    const received = Buffer.from(client.received);
    client.destroy();
    await this.#until(() => {
      // Again and again: what a gateway that has not noticed yet goes on with shall not reach the next case.
      upstream.cut();
      return this.#accepted().length === 0 && this.#watch.connectedTo(upstream.port).length === 0;
    });
    return { seen, begun, invalid, received, lived, end };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gateway.stop();
    await this.#upstream[Symbol.asyncDispose]();
  }

  #accepted() {
    return this.#watch.acceptedOn(this.#gateway.address.port);
  }

  async #still(client: RawClient, sent: number, settleMs: number): Promise<void> {
    const deadline = performance.now() + LONGEST_MS;
    let before = '';
    for (let still = 0; still < STILL_TURNS; still++) {
      await turn();
      const now = this.#state(client);
      const [socket] = this.#accepted();
      const unread = socket !== undefined && !socket.isPaused() && socket.bytesRead < sent;
      if (now !== before || unread) still = 0;
      before = now;
      if (performance.now() > deadline) throw new Error(`Not still within ${LONGEST_MS} ms: ${now}`);
    }
    if (settleMs > 0) await new Promise((resolve) => setTimeout(resolve, settleMs));
  }

  /** Changes with everything that happens. */
  #state({ socket, ended }: RawClient): string {
    const accepted = this.#accepted().map(({ bytesRead, bytesWritten }) => bytesRead + bytesWritten);
    const connected = this.#watch
      .connectedTo(this.#upstream.port)
      .map(({ bytesRead, bytesWritten }) => bytesRead + bytesWritten);
    const { moves } = this.#upstream;
    return [socket.bytesRead, socket.bytesWritten, ended, moves, ...accepted, '|', ...connected].join();
  }

  async #until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + LONGEST_MS;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`Not within ${LONGEST_MS} ms: ${condition}`);
      await turn();
    }
  }
}
