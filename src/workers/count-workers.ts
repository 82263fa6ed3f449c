import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import type { WorkerCount } from '../config/gateway-config.ts';
import type { Logger } from '../observe/log.ts';

export interface Machine {
  /** Cores that this process may use. */
  readonly cores: number;
  /** Null: several threads may listen on one port; else why they may not. */
  readonly whyNoSharedPort: () => Promise<string | null>;
}

const THIS_MACHINE: Machine = { cores: availableParallelism(), whyNoSharedPort };

/**
 * How many threads are going to take traffic: as configured, but one where the system cannot deal the connections of one
 * port out to several.
 */
export async function countWorkers(
  configured: WorkerCount,
  log: Pick<Logger, 'warn'>,
  machine: Machine = THIS_MACHINE,
): Promise<number> {
  const wanted = configured === 'auto' ? machine.cores : configured;
  if (wanted === 1) return 1;
  const reason = await machine.whyNoSharedPort();
  if (reason === null) return wanted;
  log.warn(
    { event: 'one_worker', wanted, reason },
    `one worker in place of ${wanted}: this system does not let several listen on one port (${reason})`,
  );
  return 1;
}

/** libuv's word for a system that cannot, and that of a Linux before 3.9. */
const CANNOT: ReadonlySet<unknown> = new Set(['ENOTSUP', 'ENOPROTOOPT']);

/** Found out by doing it: which systems can is libuv's knowledge, and differs by their versions. */
async function whyNoSharedPort(): Promise<string | null> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen({ host: '127.0.0.1', port: 0, reusePort: true }, resolve);
    });
    await new Promise((resolve) => probe.close(resolve));
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Of anything else, such as a machine without this address, the real listening will tell.
    return code !== undefined && CANNOT.has(code) ? code : null;
  }
}
