import type { Socket } from 'node:net';
import { FullLane, type LaneConnection } from '../../full/inbound-server.ts';
import { FastConnection, type FastHost } from './fast-connection.ts';

/**
 * The inbound lane for requests that are beyond doubt. It is the full lane with a shortcut in front: connections are
 * listened for, counted, timed and stopped as there, and each is read by this lane's scanner until something comes that
 * is not plain; from there on it is node's parser that reads it.
 */
export class FastLane extends FullLane implements FastHost {
  handOver(socket: Socket, headSince: number): void {
    this.handToParser(socket, headSince);
  }

  protected override open(socket: Socket): LaneConnection {
    return new FastConnection(socket, this);
  }
}
