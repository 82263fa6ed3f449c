import { connect as connectTcp, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { TargetConfig } from '../../../config/gateway-config.ts';
import { bareHost } from '../../full/bare-host.ts';

/** After so long without a byte the system looks whether the other side is still there. */
const PROBE_AFTER_MS = 60_000;

export interface SocketOpener {
  /** The event that says that a socket is ready to be written to. */
  readonly ready: 'connect' | 'secureConnect';
  open(onBytes: (bytes: Buffer) => void): Socket;
}

/**
 * What all sockets read into, so that no read allocates 64 KiB to keep a hundred bytes of them: a sixth of the user time of a
 * small request. TLS has no such way.
 */
const ARRIVALS = Buffer.allocUnsafeSlow(64 * 1024);

/** How to connect to a target; over TLS only HTTP/1.1 is offered. */
export function socketOpener(target: TargetConfig): SocketOpener {
  const name = bareHost(target.hostname);
  const address = {
    host: target.address ?? name,
    port: target.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: PROBE_AFTER_MS,
  };
  if (target.protocol === 'http:') return { ready: 'connect', open: (onBytes) => openTcp(address, onBytes) };
  // RFC 6066 §3 allows no addresses in SNI; the certificate is then checked against the address.
  const servername = isIP(name) === 0 ? name : '';
  // Not imported, so that only who needs it pays for it: 8 MB.
  const { connect: connectTls } = process.getBuiltinModule('node:tls');
  let session: Buffer | undefined;
  return {
    ready: 'secureConnect',
    open: (onBytes) => {
      const socket = connectTls({
        ...address,
        servername,
        ALPNProtocols: ['http/1.1'],
        ...(session !== undefined && { session }),
      });
      socket.on('data', onBytes);
      // The next handshake is then a short one.
      socket.on('session', (ticket) => {
        session = ticket;
      });
      return socket;
    },
  };
}

function openTcp(address: TcpNetConnectOpts, onBytes: (bytes: Buffer) => void): Socket {
  return connectTcp({
    ...address,
    onread: {
      buffer: ARRIVALS,
      callback: (length) => {
        const bytes = Buffer.allocUnsafe(length);
        ARRIVALS.copy(bytes, 0, 0, length);
        onBytes(bytes);
        return true;
      },
    },
  });
}
