import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** How many listeners a socket has for each of its events. */
export type ListenerCounts = Readonly<Record<string, number>>;

/** Sees every TCP socket of this process from its beginning, those of the code under test too, which nobody hands out. */
export class SocketWatch {
  readonly #sockets = new Set<Socket>();
  readonly #saw = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  };

  constructor() {
    subscribe('net.client.socket', this.#saw);
    subscribe('net.server.socket', this.#saw);
  }

  /** Open sockets that were accepted on this port. */
  acceptedOn(port: number): Socket[] {
    return this.#open(({ localPort, remotePort }) => localPort === port && remotePort !== undefined);
  }

  /** Open sockets that were connected to this port. */
  connectedTo(port: number): Socket[] {
    return this.#open(({ remotePort }) => remotePort === port);
  }

  [Symbol.dispose](): void {
    unsubscribe('net.client.socket', this.#saw);
    unsubscribe('net.server.socket', this.#saw);
  }

  #open(isMeant: (socket: Socket) => boolean): Socket[] {
    return [...this.#sockets].filter((socket) => !socket.destroyed && isMeant(socket));
  }
}

export function listenerCounts(socket: Socket): ListenerCounts {
  const names = socket.eventNames().map(String).sort();
  return Object.fromEntries(names.map((name) => [name, socket.listenerCount(name)]));
}
