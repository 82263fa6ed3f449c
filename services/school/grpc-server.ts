import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Code, ConnectError } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { z } from 'zod';
import { SchoolService } from '../gen/school/v1/school_pb.ts';
import type { SqliteCollection } from '../shared/sqlite-collection.ts';
import type { School } from './school.ts';

/** Bytes. A request is one UUID. */
const MESSAGE_LIMIT = 4_096;
/** Streams at a time on one connection; each is answered at once. */
const STREAM_LIMIT = 256;

/** Milliseconds that a peer gets to close its connection after GOAWAY; running calls need far less. */
const CLOSE_TIMEOUT = 1_000;

const uuid = z.uuid();

/** gRPC over cleartext HTTP/2: `ValidateSchool`. */
export class GrpcServer {
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();

  constructor(schools: SqliteCollection<School>) {
    const handler = connectNodeAdapter({
      grpcWeb: false,
      connect: false,
      readMaxBytes: MESSAGE_LIMIT,
      routes: (router) =>
        router.service(SchoolService, {
          validateSchool({ id }) {
            if (!uuid.safeParse(id).success)
              throw new ConnectError('id: expected a UUID', Code.InvalidArgument);
            const school = schools.get(id);
            return { exists: school !== null, name: school?.name ?? '' };
          },
        }),
    });
    this.#server = createServer({ settings: { maxConcurrentStreams: STREAM_LIMIT } }, handler);
    this.#server.on('session', (session) => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
      // A peer that resets its connection is no reason to end the process.
      session.on('error', () => session.destroy());
    });
  }

  /** @returns the bound port */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Says GOAWAY and lets running calls finish. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        for (const session of this.#sessions) session.destroy();
      }, CLOSE_TIMEOUT);
      this.#server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      for (const session of this.#sessions) session.close();
    });
  }
}
