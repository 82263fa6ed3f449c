import type { Address } from '../config/gateway-config.ts';
import type { GatewayNoticeEvent } from '../observe/gateway-event.ts';
import type { Logger } from '../observe/log.ts';
import { type Clock, type StopTimer, systemClock, type Timer, waitingTimer } from '../resilience/index.ts';
import type { ToWorker, WorkerNews } from './messages.ts';
import { RestartDelay } from './restart-delay.ts';
import type { WorkerHandle } from './worker-handle.ts';

/** What the crew needs of a worker; WorkerHandle is one. */
export interface CrewWorker {
  readonly index: number;
  readonly cause: Error | null;
  listen(address: Address): Promise<Address>;
  stop(limitMs: number): Promise<boolean>;
  terminate(): Promise<void>;
  send(message: ToWorker): void;
}

export interface WorkerEvents<W = CrewWorker> {
  /** It has written a line of its log, as JSON. */
  readonly onLog: (index: number, line: string) => void;
  /** @default nobody wants to know */
  readonly onNews?: ((news: WorkerNews) => void) | undefined;
  /** It has written lines of the access log, as JSON. */
  readonly onAccess: (index: number, lines: string) => void;
  /** Its thread has ended, and nothing of it comes any more. */
  readonly onEnd: (worker: W) => void;
}

export interface CrewOptions<W extends CrewWorker> {
  /** 1 or more. */
  readonly size: number;
  /** @param index 1 and up */
  readonly hire: (index: number, events: WorkerEvents<W>) => W;
  readonly onLog: WorkerEvents['onLog'];
  readonly onNews?: WorkerEvents['onNews'];
  readonly onAccess: WorkerEvents['onAccess'];
  /** A worker is gone, and its successor not yet there: what it held is to be given back. */
  readonly onGone: (index: number) => void;
  /** What an operator wants to know of, told when the log was. @default nobody does */
  readonly onNotice?: (what: GatewayNoticeEvent['what'], detail: string) => void;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Keeps the process alive: between two workers there may be nothing else that does. @default waitingTimer */
  readonly timer?: Timer;
}

interface Post<W> {
  worker: W;
  /** Since when it takes traffic; null: not yet. */
  since: number | null;
  readonly delay: RestartDelay;
  stopTimer: StopTimer;
}

/** All workers: makes them, replaces those that die, and lets them finish together. */
export class Crew<W extends CrewWorker = WorkerHandle> {
  readonly #options: CrewOptions<W>;
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #posts: ReadonlyMap<number, Post<W>>;
  /** Null until all have begun. */
  #address: Address | null = null;
  #stopping: Promise<void> | null = null;

  /** Begins to load all of them. */
  constructor(options: CrewOptions<W>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#timer = options.timer ?? waitingTimer;
    this.#posts = new Map(
      Array.from({ length: options.size }, (_, at) => {
        const post = {
          worker: this.#hire(at + 1),
          since: null,
          delay: new RestartDelay(),
          stopTimer: () => {},
        };
        return [at + 1, post];
      }),
    );
  }

  /** Those that are there now, in their order. */
  get workers(): readonly W[] {
    return [...this.#posts.values()].map(({ worker }) => worker);
  }

  /** To all that are there now. */
  send(message: ToWorker): void {
    for (const worker of this.workers) worker.send(message);
  }

  /**
   * Lets all take traffic.
   *
   * @param address port 0: the first chooses one, and the others take it too
   * @throws {Error} what the first says that fails; then `end` the others
   */
  async listen(address: Address): Promise<Address> {
    const [first, ...others] = this.#posts.values();
    let at = address;
    if (address.port === 0) at = await this.#begin(first!, address);
    else others.unshift(first!);
    await Promise.all(others.map((post) => this.#begin(post, at)));
    // One that took traffic while others still loaded may have died of it: nobody has replaced it.
    const dead = this.workers.find(({ cause }) => cause !== null);
    if (dead !== undefined) throw dead.cause;
    this.#address = at;
    return at;
  }

  /**
   * Lets all finish what is running.
   *
   * @param limitMs after which those that have not are ended
   */
  stop(limitMs: number): Promise<void> {
    this.#stopping ??= this.#stopAll(limitMs);
    return this.#stopping;
  }

  /** Ends all at once, whatever they are doing. */
  end(): Promise<void> {
    this.#stopping ??= Promise.all(this.workers.map((worker) => worker.terminate())).then(() => {});
    return this.#stopping;
  }

  async #stopAll(limitMs: number): Promise<void> {
    for (const post of this.#posts.values()) post.stopTimer();
    await Promise.all(
      this.workers.map(async (worker) => {
        if (await worker.stop(limitMs)) return;
        this.#options.log.warn(
          { worker: worker.index },
          `worker ${worker.index} did not stop in time and was ended`,
        );
      }),
    );
  }

  #hire(index: number): W {
    const { hire, onLog, onAccess, onNews } = this.#options;
    return hire(index, { onLog, onAccess, onNews, onEnd: (worker) => this.#ended(worker) });
  }

  async #begin(post: Post<W>, address: Address): Promise<Address> {
    const at = await post.worker.listen(address);
    post.since = this.#clock.now();
    return at;
  }

  #ended({ index, cause }: W): void {
    // While the gateway starts, the start fails; while it stops, this is what was wanted.
    if (this.#stopping !== null || this.#address === null) return;
    const { log, onGone, onNotice } = this.#options;
    const post = this.#posts.get(index)!;
    onGone(index);
    const delayMs = post.delay.after(post.since === null ? 0 : this.#clock.now() - post.since);
    post.since = null;
    const text = `worker ${index} died (${cause?.message}); another one takes its place ${delayMs === 0 ? 'at once' : `in ${delayMs / 1000} s`}`;
    log.error({ event: 'worker_died', worker: index, err: cause, replaced_in_ms: delayMs }, text);
    onNotice?.('worker_died', text);
    post.stopTimer = this.#timer.start(delayMs, () => this.#replace(index, post));
  }

  #replace(index: number, post: Post<W>): void {
    post.worker = this.#hire(index);
    this.#begin(post, this.#address!).then(
      () => {
        const { log, onNotice } = this.#options;
        const text = `worker ${index} takes traffic again`;
        log.info({ event: 'worker_replaced', worker: index }, text);
        onNotice?.('worker_replaced', text);
      },
      // Its end is told as that of any other.
      () => {},
    );
  }
}
