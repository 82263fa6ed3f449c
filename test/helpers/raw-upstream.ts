import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { RawConnection } from './raw-connection.ts';
import { parseRequest, type RawRequest } from './raw-message.ts';

/** What a connection does from its beginning; it ends with the connection. */
export type UpstreamScript = (connection: UpstreamConnection) => Promise<void> | void;

/** The upstream's end of one connection. */
export class UpstreamConnection extends RawConnection {
  /** Waits for the next whole request, parsed strictly. */
  request({ withinMs = 15_000 } = {}): Promise<RawRequest> {
    return this.message((bytes) => parseRequest(bytes), 'request', withinMs);
  }
}

/**
 * A TCP server that answers with exactly the bytes of its script and keeps what each connection received. Rejections of
 * a script are kept in `failures`, unless they come after its connection has ended.
 */
export class RawUpstream {
  readonly connections: UpstreamConnection[] = [];
  readonly failures: unknown[] = [];
  readonly #server: Server;
  readonly #arrivals = new Set<() => void>();

  constructor(server: Server, script: UpstreamScript) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      const connection = new UpstreamConnection(socket);
      this.connections.push(connection);
      for (const arrived of [...this.#arrivals]) arrived();
      void this.#run(script, connection);
    });
  }

  /** Runs `script` for each connection. Without one it accepts and never answers. */
  static async start(script: UpstreamScript = () => {}): Promise<RawUpstream> {
    const server = createServer({ allowHalfOpen: true });
    const upstream = new RawUpstream(server, script);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return upstream;
  }

  /** Answers each request with the bytes given, or with what the function makes of it; connections stay open. */
  static answering(answer: string | Buffer | ((request: RawRequest, nth: number) => string | Buffer)) {
    let nth = 0;
    return RawUpstream.start(async (connection) => {
      for (;;) {
        const request = await connection.request({ withinMs: 600_000 });
        connection.send(typeof answer === 'function' ? answer(request, nth++) : answer);
      }
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `http://127.0.0.1:port` */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Waits for the nth connection (from 0). */
  async connection(nth = 0, withinMs = 15_000): Promise<UpstreamConnection> {
    if (this.connections.length <= nth) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          this.#arrivals.delete(check);
          reject(new Error(`Connection ${nth} did not come within ${withinMs} ms`));
        }, withinMs);
        const check = () => {
          if (this.connections.length <= nth) return;
          clearTimeout(timer);
          this.#arrivals.delete(check);
          resolve();
        };
        this.#arrivals.add(check);
      });
    }
    return this.connections[nth]!;
  }

  async #run(script: UpstreamScript, connection: UpstreamConnection): Promise<void> {
    try {
      await script(connection);
    } catch (error) {
      if (connection.ended === null && !connection.socket.destroyed) this.failures.push(error);
    }
  }

  /** Cuts all connections and stops listening. */
  async close(): Promise<void> {
    for (const connection of this.connections) connection.destroy();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
