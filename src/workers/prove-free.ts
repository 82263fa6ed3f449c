import { type AddressInfo, createServer } from 'node:net';
import type { Address } from '../config/gateway-config.ts';

/**
 * Proves that nobody listens there, by doing so for a moment. Sockets that share a port do not notice each other: without
 * this a second gateway would silently take half of the first one's connections.
 *
 * @returns with the IP address that the host stands for; port 0 stays 0
 * @throws {Error} with the system's `code`
 */
export async function proveFree({ host, port }: Address): Promise<Address> {
  const listener = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ host, port }, resolve);
  });
  const { address } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return { host: address, port };
}
