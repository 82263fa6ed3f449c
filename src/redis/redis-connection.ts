import { createClient } from '@redis/client';

export interface RedisConnectionOptions {
  /** `redis://[user:password@]host:port[/database]`, or `rediss://` for TLS. */
  readonly url: string;
  /** Milliseconds until a connection must stand, over 0. @default 2000 */
  readonly connectTimeoutMs?: number | undefined;
  /** Commands that may wait for their reply; more are refused. @default 1000 */
  readonly maxWaiting?: number | undefined;
  /** Told of every error of the connection, which is restored by itself. @default nobody */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** The longest pause between two attempts to connect, in milliseconds. */
const LONGEST_PAUSE_MS = 2000;

/** What the modules here need of a client; that of @redis/client has it. */
export type RedisClient = ReturnType<typeof createClient>;

/**
 * A connection that comes back by itself, and never makes anybody wait for that: while it is down every command
 * fails at once (`disableOfflineQueue`), so that a breaker sees it and callers go on without.
 */
export class RedisConnection {
  readonly client: RedisClient;

  /** Begins to connect; commands fail until it stands. `await ready()` to wait for it. */
  constructor(options: RedisConnectionOptions) {
    const { url, connectTimeoutMs = 2000, maxWaiting = 1000, onError = () => {} } = options;
    this.client = createClient({
      url,
      disableOfflineQueue: true,
      commandsQueueMaxLength: maxWaiting,
      socket: {
        connectTimeout: connectTimeoutMs,
        // Full jitter, or every process of a fleet comes back in the same moment.
        reconnectStrategy: (retries) => 10 + Math.random() * Math.min(LONGEST_PAUSE_MS, 50 * 2 ** retries),
      },
    });
    // Without a listener an 'error' event would end the process.
    this.client.on('error', onError);
    this.client.connect().catch(onError);
  }

  /**
   * Waits until commands are possible.
   *
   * @throws the signal's reason when it is aborted before
   */
  ready(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.client.isReady) return resolve();
      if (signal.aborted) return reject(signal.reason);
      const done = (): void => {
        this.client.off('ready', onReady);
        signal.removeEventListener('abort', onAbort);
      };
      const onReady = (): void => {
        done();
        resolve();
      };
      const onAbort = (): void => {
        done();
        reject(signal.reason);
      };
      this.client.on('ready', onReady);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Closes at once; commands that wait for their reply fail. A second time it does nothing. */
  close(): void {
    if (this.client.isOpen) this.client.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
