import type { MessagePort } from 'node:worker_threads';
import type { Address, GatewayConfig, LogLevel } from '../config/gateway-config.ts';
import type { FailureSample, GatewayEvent } from '../observe/gateway-event.ts';
import type { ProbeState } from '../upstream/health/probe-record.ts';
import type { TargetList } from '../upstream/target-set.ts';

/** What a worker is given at its birth. */
export interface WorkerData {
  readonly config: GatewayConfig;
  /** Divided by `SharedMemory`. */
  readonly buffer: SharedArrayBuffer;
  /** 1 and up; 0 is the main thread. */
  readonly index: number;
  /** Of all threads, the main one included. */
  readonly count: number;
  readonly via: string;
  readonly logLevel: LogLevel;
  /** To the store of answers in the main thread; null where there is none. */
  readonly storePort: MessagePort | null;
  /** Of a `DroppedLines`. */
  readonly droppedLines: Int32Array;
}

export type ToWorker =
  /** Begin to take traffic. Port 0: at one that the system chooses. */
  | { readonly type: 'listen'; readonly address: Address }
  /** DNS has said what stands in the place of a configured target. */
  | ({ readonly type: 'targets'; readonly upstream: string; readonly place: number } & TargetList)
  /** A target, by its URL for people, has been probed. */
  | {
      readonly type: 'probed';
      readonly upstream: string;
      readonly target: string;
      readonly state: ProbeState;
    }
  /** Take no more, finish what is running, and say `stopped`. */
  | { readonly type: 'stop' };

export type FromWorker =
  | { readonly type: 'listening'; readonly address: Address }
  /** It could not be made, or not listen; it ends. */
  | { readonly type: 'failed'; readonly error: SentError }
  | { readonly type: 'stopped' }
  /** A line of its log, as JSON. */
  | { readonly type: 'log'; readonly line: string }
  /** Whole lines of the access log, as JSON. */
  | { readonly type: 'access'; readonly lines: string }
  | WorkerNews;

/** What a worker has seen, in the order in which it happened there. */
export type WorkerNews =
  | { readonly type: 'event'; readonly event: GatewayEvent }
  /** An attempt has failed; of many at once, some. */
  | { readonly type: 'failure'; readonly sample: FailureSample };

/** An error on its way to another thread: a structured clone loses the system's own fields. */
export interface SentError {
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: Readonly<Record<string, string | number>>;
}

export function sendableError(error: unknown): SentError {
  if (!(error instanceof Error)) return { message: String(error), stack: undefined, fields: {} };
  const fields = Object.entries(error).filter(
    (entry): entry is [string, string | number] =>
      typeof entry[1] === 'string' || typeof entry[1] === 'number',
  );
  return { message: error.message, stack: error.stack, fields: Object.fromEntries(fields) };
}

export function receivedError({ message, stack, fields }: SentError): Error {
  const error = Object.assign(new Error(message), fields);
  if (stack !== undefined) error.stack = stack;
  return error;
}
