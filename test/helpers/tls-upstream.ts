import { once } from 'node:events';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { testCertificate } from './test-certificate.ts';

/** For localhost and its address; trusted inside `trustTestCertificates`. */
export const trustedCertificate = testCertificate('localhost', '127.0.0.1');

/** Lets this process trust these certificates beside the usual ones; returns how to undo it. */
export function trustTestCertificates(...more: { cert: string }[]): () => void {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, ...[trustedCertificate, ...more].map(({ cert }) => cert)]);
  return () => setDefaultCACertificates(before);
}

export class TlsUpstream {
  readonly server: Http2SecureServer;
  readonly sessions: ServerHttp2Session[] = [];
  readonly sockets: TLSSocket[] = [];
  readonly connections: Socket[] = [];

  constructor(server: Http2SecureServer) {
    this.server = server;
    server.on('session', (session) => {
      session.on('error', () => {});
      this.sessions.push(session);
    });
    server.on('connection', (socket: Socket) => {
      this.connections.push(socket);
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      socket.on('error', () => {});
      this.sockets.push(socket);
    });
    server.on('sessionError', () => {});
    server.on('tlsClientError', () => {});
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get openSockets(): number {
    return this.sockets.filter((socket) => !socket.destroyed).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.sessions) session.destroy();
    for (const socket of this.sockets) socket.destroy();
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }
}

export type TlsHandler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** An upstream that speaks HTTP/2 and HTTP/1.1 over TLS. */
export async function startTlsUpstream(
  handler: TlsHandler,
  certificate = trustedCertificate,
): Promise<TlsUpstream> {
  const server = createSecureServer({ ...certificate, allowHTTP1: true }, handler);
  const upstream = new TlsUpstream(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return upstream;
}
