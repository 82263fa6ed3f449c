import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves on `PORT` of 127.0.0.1 (0: any) and says on standard output where. */
export function serveProcess(listener: RequestListener): void {
  const server = createServer(listener);
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
    tell({ msg: 'listening', port: (server.address() as AddressInfo).port });
  });
}

/** One JSON line on standard output. */
export function tell(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
