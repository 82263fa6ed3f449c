import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service behind the gateway that can be stopped and started again, on one port. */
export class StageUpstream {
  readonly url: string;
  readonly #port: number;
  readonly #latencyMs: () => number;
  #server: Server;
  /** What it answers with. */
  status = 200;

  private constructor(server: Server, latencyMs: () => number) {
    this.#server = server;
    this.#latencyMs = latencyMs;
    this.#port = (server.address() as AddressInfo).port;
    this.url = `http://127.0.0.1:${this.#port}`;
  }

  /** @param latencyMs asked for each request; milliseconds until it is answered */
  static async start(latencyMs: () => number = () => 0): Promise<StageUpstream> {
    const server = createServer();
    await listen(server, 0);
    const upstream = new StageUpstream(server, latencyMs);
    upstream.#serve(server);
    return upstream;
  }

  /** Nothing listens any more: connections are refused. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async startAgain(): Promise<void> {
    this.#server = createServer();
    await listen(this.#server, this.#port);
    this.#serve(this.#server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #serve(server: Server): void {
    server.on('request', (request, response) => {
      request.resume();
      const answer = (): void => {
        // A path that ends in a status is answered with it.
        const wanted = /\/(\d{3})$/.exec(request.url ?? '')?.[1];
        response.writeHead(wanted === undefined ? this.status : Number(wanted), {
          'content-type': 'application/json',
        });
        response.end('{"ok":true}');
      };
      const ms = this.#latencyMs();
      if (ms === 0) answer();
      else setTimeout(answer, ms);
    });
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}
