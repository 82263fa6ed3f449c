import type { ServerResponse } from 'node:http';
import type { EventFeed } from '../../observe/event-feed.ts';
import type { TrafficHistory } from '../../observe/traffic-history.ts';
import { backgroundTimer, type StopTimer, type Timer } from '../../resilience/index.ts';
import { AdminError } from '../admin-error.ts';
import type { Overview } from './live-types.ts';
import { sseMessage } from './sse-message.ts';

/** People who watch, with room for scripts. */
export const MAX_STREAMS = 32;
/** What may wait for a viewer who does not read, beside the last message; an overview of a thousand routes is half of it. */
export const MAX_UNREAD_BYTES = 1024 * 1024;
const OVERVIEW_MS = 1_000;
/** After so many milliseconds a browser comes back. */
const RETRY_MS = 1_000;

/** The connection is for nothing else, so that the end of the stream is its end too. */
export const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close',
} as const;

export interface LiveStreamsOptions {
  readonly overview: () => Overview;
  readonly history: Pick<TrafficHistory, 'on'>;
  readonly events: Pick<EventFeed, 'on' | 'since'>;
  /** Told why the streams were ended: what is to be shown could not be computed. */
  readonly onError: (error: unknown) => void;
  /** Must not keep the process alive. @default backgroundTimer */
  readonly timer?: Timer | undefined;
}

/**
 * Those who watch the gateway. What they are told is the same for all, and made once: nothing is computed while nobody
 * watches.
 */
export class LiveStreams {
  readonly #options: LiveStreamsOptions;
  readonly #timer: Timer;
  readonly #viewers = new Set<ServerResponse>();
  /** Ends what goes on while somebody watches. */
  #stop: (() => void) | null = null;
  #closed = false;

  constructor(options: LiveStreamsOptions) {
    this.#options = options;
    this.#timer = options.timer ?? backgroundTimer;
  }

  /** How many watch. */
  get size(): number {
    return this.#viewers.size;
  }

  /** @throws {AdminError} `TOO_MANY_STREAMS` */
  checkRoom(): void {
    if (this.#viewers.size < MAX_STREAMS) return;
    throw new AdminError('TOO_MANY_STREAMS', `There are ${MAX_STREAMS} streams already; close one.`, {
      'Retry-After': '5',
    });
  }

  /**
   * Answers one more with all that goes on, until it leaves. What `overview` throws comes before anything is written.
   *
   * @param after number of the last event that it has seen; null: it wants new ones only
   */
  join(viewer: ServerResponse, after: number | null): void {
    if (this.#closed) viewer.writeHead(200, STREAM_HEADERS).end();
    // Those who have left while their request was read will not leave again.
    if (this.#closed || viewer.destroyed) return;
    // Of a connection that breaks; its end is told as that of any other.
    viewer.on('error', () => {});
    const { overview, events } = this.#options;
    const first = sseMessage('overview', overview());
    viewer.writeHead(200, STREAM_HEADERS);
    viewer.write(`retry: ${RETRY_MS}\n\n${first}`);
    if (after !== null)
      for (const event of events.since(after)) viewer.write(sseMessage('event', event, event.id));
    this.#viewers.add(viewer);
    viewer.on('close', () => this.#leave(viewer));
    this.#stop ??= this.#begin();
  }

  /** Ends all streams, and takes no more. */
  close(): void {
    this.#closed = true;
    this.#endAll();
  }

  #endAll(): void {
    for (const viewer of this.#viewers) {
      // What waits is for somebody who does not read: the end of the gateway does not wait for that.
      if (viewer.writableLength > 0) viewer.destroy();
      else viewer.end();
    }
    this.#end();
  }

  #begin(): () => void {
    const { history, events } = this.#options;
    let stopTimer: StopTimer;
    const tick = (): void => {
      stopTimer = this.#timer.start(OVERVIEW_MS, () => {
        tick();
        this.#sendOverview();
      });
    };
    tick();
    const stops = [
      history.on((sample) => this.#send(sseMessage('sample', sample))),
      events.on((event) => this.#send(sseMessage('event', event, event.id))),
    ];
    return () => {
      stopTimer();
      for (const stop of stops) stop();
    };
  }

  /** From a timer, where an error would end the gateway. */
  #sendOverview(): void {
    try {
      this.#send(sseMessage('overview', this.#options.overview()));
    } catch (error) {
      this.#endAll();
      this.#options.onError(error);
    }
  }

  #send(message: string): void {
    for (const viewer of this.#viewers) {
      // Before the message itself, which waits for the end of the turn in any case, however long it is.
      if (viewer.writableLength <= MAX_UNREAD_BYTES) viewer.write(message);
      else {
        this.#leave(viewer);
        viewer.destroy();
      }
    }
  }

  #leave(viewer: ServerResponse): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size === 0) this.#end();
  }

  #end(): void {
    this.#stop?.();
    this.#stop = null;
  }
}
