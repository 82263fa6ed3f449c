import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import type { Address } from '../../src/config/gateway-config.ts';

export interface AdminReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. */
  json(): Record<string, unknown>;
}

export interface AdminCall {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

/** One request on a connection of its own, with exactly the fields given besides Host. */
export function callAdmin(
  address: Address,
  path: string,
  { method, headers, body }: AdminCall = {},
): Promise<AdminReply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: address.host,
        port: address.port,
        path,
        method: method ?? 'GET',
        headers: headers ?? {},
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const { statusCode, headers: received } = response;
          resolve({ status: statusCode ?? 0, headers: received, text, json: () => JSON.parse(text) });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
