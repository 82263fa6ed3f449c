import { createServer } from 'node:net';
import type { Address } from '../config/gateway-config.ts';
import { formatAddress } from '../config/schema/address.ts';

/**
 * Lets one gateway of this machine start at an address at a time. Between the proof that a port is free and the workers'
 * listening lies their loading, and two gateways that were started in it would both find the port free and share it.
 *
 * A name in Linux's abstract namespace: nothing of it is left on disk, and whoever has it loses it with its process.
 *
 * @returns gives it back
 * @throws {Error} `EADDRINUSE`, as if the other one did listen already
 */
export async function lockStart(address: Address): Promise<() => void> {
  const { host, port } = address;
  // A port that the system chooses is nobody else's.
  if (port === 0) return () => {};
  const lock = createServer((socket) => socket.destroy());
  lock.unref();
  try {
    await new Promise<void>((resolve, reject) => {
      lock.once('error', reject);
      lock.listen(`\0breakwater starts at ${formatAddress(address)}`, resolve);
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Where there is no such namespace the proof has to do.
    if (code !== 'EADDRINUSE') return () => {};
    const message = `listen EADDRINUSE: another gateway is starting at ${formatAddress(address)}`;
    throw Object.assign(new Error(message), { code, syscall: 'listen', address: host, port });
  }
  return () => void lock.close();
}
