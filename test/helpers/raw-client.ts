import { once } from 'node:events';
import { connect } from 'node:net';
import { RawConnection } from './raw-connection.ts';
import { parseResponse, type RawResponse } from './raw-message.ts';

/** A client that sends exactly the bytes it is told and reads answers with a strict parser of its own. */
export class RawClient extends RawConnection {
  static async connect(port: number, host = '127.0.0.1'): Promise<RawClient> {
    const socket = connect({ port, host, allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Waits for the next response, a 1xx included. */
  response({ toHead = false, withinMs = 15_000 } = {}): Promise<RawResponse> {
    return this.message((bytes, end) => parseResponse(bytes, toHead, end), 'response', withinMs);
  }

  /** Sends bytes and waits for the next response. */
  ask(bytes: string | Buffer, options: { toHead?: boolean; withinMs?: number } = {}): Promise<RawResponse> {
    this.send(bytes);
    return this.response(options);
  }

  /** Stops reading, so that the other side's bytes pile up. */
  stopReading(): void {
    this.socket.pause();
  }

  readOn(): void {
    this.socket.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
  }
}
