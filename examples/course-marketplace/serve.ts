import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Question {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** The body, if it is JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json: unknown;
}

/**
 * A small JSON service on `PORT` of 127.0.0.1 (0: any). Every request is a line on standard output before it is
 * answered; what `answer` throws is a 503, because the part that failed may be back soon.
 */
export function serve(answer: (question: Question) => Answer | Promise<Answer>): void {
  const server = createServer((request, response) => void handle(request, response, answer));
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
    log({ msg: 'listening', port: (server.address() as AddressInfo).port });
  });
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (question: Question) => Answer | Promise<Answer>,
): Promise<void> {
  const { method = '', url = '', headers } = request;
  const key = headers['idempotency-key'];
  try {
    const body = Buffer.concat(await request.toArray()).toString();
    log({ msg: 'request', method, path: url, key });
    const {
      status,
      headers: fields,
      json,
    } = await answer({ method, path: url, headers, json: parsed(body) });
    response.writeHead(status, { 'content-type': 'application/json', ...fields });
    response.end(JSON.stringify(json));
  } catch (error) {
    log({ msg: 'failed', path: url, error: (error as Error).message });
    if (!response.headersSent) response.writeHead(503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: 'temporarily unavailable' }));
  }
}

function parsed(body: string): Record<string, unknown> {
  return body === '' ? {} : JSON.parse(body);
}

function log(line: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
