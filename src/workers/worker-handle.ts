import { Worker } from 'node:worker_threads';
import type { Address } from '../config/gateway-config.ts';
import type { CrewWorker, WorkerEvents } from './crew.ts';
import { type FromWorker, receivedError, type ToWorker, type WorkerData } from './messages.ts';

/** This file in src/ is TypeScript, which Node runs as it is; in dist/ both are JavaScript. */
const PROGRAM = new URL(`./worker-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** One worker, as the main thread sees it. */
export class WorkerHandle implements CrewWorker {
  readonly index: number;
  /** Null: there is none, because none could be made. */
  readonly #thread: Worker | null;
  readonly #events: WorkerEvents<WorkerHandle>;
  readonly #listening = Promise.withResolvers<Address>();
  readonly #stopped = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #cause: Error | null = null;

  /** Begins to load; it takes traffic after `listen`. One for which the system has no thread left ends at once. */
  constructor(data: WorkerData, events: WorkerEvents<WorkerHandle>) {
    this.index = data.index;
    this.#events = events;
    // Those who want to know ask; a worker that ends unasked is told of by onEnd.
    this.#listening.promise.catch(() => {});
    this.#thread = this.#begin(data);
  }

  /** A failure is told later, as that of a thread that runs: whoever makes a worker need not look out for two kinds. */
  #begin(data: WorkerData): Worker | null {
    try {
      const thread = new Worker(PROGRAM, {
        workerData: data,
        transferList: data.storePort === null ? [] : [data.storePort],
        name: `worker ${data.index}`,
      });
      thread.on('message', (message: FromWorker) => this.#take(message));
      thread.on('error', (error) => this.#failed(error instanceof Error ? error : new Error(String(error))));
      thread.on('exit', (code) => this.#exited(code));
      return thread;
    } catch (error) {
      data.storePort?.close();
      this.#failed(new Error(`its thread could not be made: ${(error as Error).message}`));
      setImmediate(() => this.#over());
      return null;
    }
  }

  /** Why it ended; null while it runs, and after it was stopped. */
  get cause(): Error | null {
    return this.#cause;
  }

  /**
   * @param address port 0: at one that the system chooses
   * @throws {Error} with the system's `code`, or what ended the worker
   */
  listen(address: Address): Promise<Address> {
    this.send({ type: 'listen', address });
    return this.#listening.promise;
  }

  /**
   * Lets it finish what is running.
   *
   * @param limitMs after which it is ended
   * @returns whether it finished by itself
   */
  async stop(limitMs: number): Promise<boolean> {
    this.send({ type: 'stop' });
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(false), limitMs);
    const finished = Promise.race([this.#stopped.promise, this.#ended.promise]).then(() => true);
    const inTime = await Promise.race([finished, late.promise]);
    clearTimeout(timer);
    await this.terminate();
    return inTime;
  }

  /** What is sent after its end is for nobody. */
  send(message: ToWorker): void {
    this.#thread?.postMessage(message);
  }

  /** Ends it at once, whatever it is doing. */
  async terminate(): Promise<void> {
    await this.#thread?.terminate();
    await this.#ended.promise;
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case 'listening':
        this.#listening.resolve(message.address);
        break;
      case 'failed':
        this.#failed(receivedError(message.error));
        break;
      case 'stopped':
        this.#stopped.resolve();
        break;
      case 'log':
        this.#events.onLog(this.index, message.line);
        break;
      case 'access':
        this.#events.onAccess(this.index, message.lines);
        break;
      case 'event':
      case 'failure':
        this.#events.onNews?.(message);
    }
  }

  #failed(error: Error): void {
    this.#cause ??= error;
  }

  #exited(code: number): void {
    this.#failed(new Error(`its thread ended with exit code ${code}`));
    this.#over();
  }

  #over(): void {
    this.#listening.reject(this.#cause);
    this.#ended.resolve();
    this.#events.onEnd(this);
  }
}
