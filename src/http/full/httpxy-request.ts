import type { ClientRequest, ClientRequestArgs, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { createProxyServer } from 'httpxy';
import type { HeaderList } from '../message.ts';
import { Agent } from '../node-http.ts';

/** Opens a connection; calls back once. */
export type Connect = (opened: (error: Error | null, socket: Socket | null) => void) => void;

export interface UpgradeRequestOptions {
  readonly path: string;
  readonly headers: HeaderList;
  /** Bytes of a response head; more is a protocol error. */
  readonly maxHeadBytes: number;
  readonly connect: Connect;
  /** The upstream has answered 101. The socket is paused and nobody else's. */
  readonly onUpgrade: (response: IncomingMessage, socket: Socket) => void;
}

/** With its prependPath httpxy would join the path to one of the target's; without, it goes on byte for byte. */
const proxy = createProxyServer({ prependPath: false });
proxy.on('proxyReqWs', (request, _facade, client) => {
  (client as unknown as AbsentClient).request = request;
});
// An attempt hears of its errors from its request; here they would be thrown.
proxy.on('error', (error, _facade, client) => {
  (client as unknown as AbsentClient).error = error;
});

/**
 * Stands where httpxy expects the client's socket, as one that has gone already, so that httpxy passes nothing on by
 * itself. The client's real socket never comes near it: httpxy would write a 101 that nobody has looked at, pass a
 * reset of the upstream on as a regular end, and answer a client's reset with a regular end.
 */
class AbsentClient extends Duplex {
  request: ClientRequest | null = null;
  error: Error | null = null;

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }
}

/** One connection for one request. TLS is the connection's business, so that this serves both. */
class OneConnection extends Agent {
  readonly #connect: Connect;

  constructor(connect: Connect) {
    super({ keepAlive: false });
    this.#connect = connect;
  }

  override createConnection(
    _options: ClientRequestArgs,
    callback: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    // Node looks at the stream only when there is no error.
    this.#connect((error, socket) => callback(error, socket as Socket));
  }
}

/**
 * Sends a request for an upgrade to WebSocket through httpxy. What comes of it but a 101, the caller takes from the
 * request's own events; listen to them at once.
 *
 * @throws when httpxy or node refuses the request
 */
export function sendUpgradeRequest({
  path,
  headers,
  maxHeadBytes,
  connect,
  onUpgrade,
}: UpgradeRequestOptions): ClientRequest {
  const client = new AbsentClient();
  client.destroy();
  const facade = { method: 'GET', url: path, headers: headerObject(headers), httpVersionMajor: 1 };
  void proxy.ws(facade as unknown as IncomingMessage, client as unknown as Socket, {
    // Only for what a request needs an address for; the connection is opened by the agent.
    target: { protocol: 'http:', host: 'upstream', port: 80 },
    agent: new OneConnection(connect),
    // httpxy's way to options of the request that are not its own. It writes into this object.
    ssl: { maxHeaderSize: maxHeadBytes },
  });
  const { request } = client;
  if (request === null) throw client.error ?? new Error('httpxy has sent no request.');
  // Behind httpxy's own listener, which has joined the socket to the client that is not there.
  request.on('upgrade', (response, socket) => {
    socket.unpipe(client);
    client.unpipe(socket);
    onUpgrade(response, socket as Socket);
  });
  return request;
}

/** As node's request takes them: one entry for each name, whatever its case, with all its values in order. */
function headerObject(headers: HeaderList): Record<string, string | string[]> {
  const names = new Map<string, string>();
  const object: Record<string, string | string[]> = Object.create(null);
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    const known = names.get(name.toLowerCase());
    if (known === undefined) {
      names.set(name.toLowerCase(), name);
      object[name] = value;
    } else object[known] = [object[known] ?? [], value].flat();
  }
  object.connection = 'Upgrade';
  object.upgrade = 'websocket';
  return object;
}
