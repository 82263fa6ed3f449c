import type { CommandIo } from './command-io.ts';
import type { StartedGateway } from './start.ts';
import { StopSignals } from './stop-signals.ts';
import { duration } from './terminal/words.ts';
import { WaitNotice } from './wait-notice.ts';

/** Milliseconds beyond `shutdown_timeout` after which a stop that does not end is ended. */
const GRACE_MS = 5000;

/**
 * Waits for the first signal and stops the gateway gracefully. A second signal ends the process at once, with 1.
 *
 * @param signals listened for already; ended with the stop
 * @returns the exit code: 0 after a graceful stop, 1 when it failed or did not end in time
 */
export async function untilStopped(
  gateway: Pick<StartedGateway, 'stop' | 'requestsUnderWay'>,
  shutdownTimeoutMs: number,
  io: CommandIo,
  signals = new StopSignals(io),
): Promise<number> {
  try {
    await signals.first;
    using _ = new WaitNotice(io, (passedMs) => {
      const leftMs = shutdownTimeoutMs - passedMs;
      return leftMs > 0
        ? `waiting for ${requests(gateway.requestsUnderWay())}, ${duration(leftMs)} left`
        : null;
    });
    return await stopped(gateway, shutdownTimeoutMs + GRACE_MS, io);
  } finally {
    signals.end();
  }
}

/** At none there is still an answer on its way to its client, or a request body. */
function requests(count: number): string {
  return count === 0 ? 'answers on their way' : `${count} running ${count === 1 ? 'request' : 'requests'}`;
}

async function stopped(
  gateway: Pick<StartedGateway, 'stop'>,
  limitMs: number,
  io: CommandIo,
): Promise<number> {
  const late = Promise.withResolvers<number>();
  const timer = setTimeout(() => {
    io.err(`breakwater did not stop within ${limitMs} ms and is ended\n`);
    late.resolve(1);
  }, limitMs);
  timer.unref();
  try {
    const code = await Promise.race([gateway.stop().then(() => 0), late.promise]);
    if (code === 0) io.err('breakwater has stopped\n');
    return code;
  } catch (error) {
    io.err(`breakwater did not stop cleanly: ${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  } finally {
    clearTimeout(timer);
  }
}
