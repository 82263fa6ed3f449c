import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export type Handle = (url: URL, request: IncomingMessage) => Promise<Reply> | Reply;

/** Serves JSON on PORT of 127.0.0.1 and says so in a line; an error of the handler is a 500. */
export function serveJson(defaultPort: number, handle: Handle): void {
  const server = createServer((request, response) => {
    const send = ({ status, body }: Reply): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const answer = async (): Promise<Reply> =>
      handle(new URL(request.url ?? '/', 'http://localhost'), request);
    answer().then(send, (error: Error) => send({ status: 500, body: { error: error.message } }));
  });
  server.listen(Number(process.env.PORT || defaultPort), '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    console.log(JSON.stringify({ msg: 'listening', port }));
  });
}

export const notFound: Reply = { status: 404, body: { error: 'not found' } };

/** @throws Error when the body is no JSON object */
export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = await request.toArray();
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString());
  if (typeof value !== 'object' || value === null) throw new Error('expected a JSON object');
  return value as Record<string, unknown>;
}
