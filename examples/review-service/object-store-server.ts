import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ObjectStoreServer {
  readonly bucketUrl: string;
  /** While it is set, every request is answered with 500. */
  broken: boolean;
  requests: number;
  /** As the last request named it. */
  lastPath: string;
  close(): Promise<void>;
}

/** The part of an object store's HTTP interface that the photos need, in memory. */
export async function startObjectStore(): Promise<ObjectStoreServer> {
  const objects = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    store.requests++;
    const path = request.url ?? '';
    store.lastPath = path;
    const body = Buffer.concat(await request.toArray());
    const object = objects.get(path);
    if (store.broken) response.writeHead(500).end();
    else if (request.method === 'PUT') {
      objects.set(path, body);
      response.writeHead(200).end();
    } else if (object === undefined) response.writeHead(404).end();
    else response.writeHead(200).end(object);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const store: ObjectStoreServer = {
    bucketUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/photos`,
    broken: false,
    requests: 0,
    lastPath: '',
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return store;
}
