import type { BreakerConfig, GatewayConfig } from '../config/gateway-config.ts';
import { exemplarWords } from '../observe/exemplar-layout.ts';
import { REFUSAL_WORDS } from '../observe/refusal-recorder.ts';
import { rejectionWords } from '../observe/rejection-recorder.ts';
import { requestMetricsWords } from '../observe/request-layout.ts';
import { upstreamMetricsWords } from '../observe/upstream-layout.ts';
import { WORKER_METRICS_WORDS } from '../observe/worker-sampler.ts';
import { MARK_WORDS, SharedMarks } from '../proxy/cache/shared-marks.ts';
import { FALLBACK_WORDS } from '../proxy/fallback-counts.ts';
import { budgetKey } from '../proxy/route-plan.ts';
import { bulkheadWords, retryBudgetWords, wordsNeeded } from '../resilience/index.ts';
import { targetWords } from '../upstream/target-words.ts';
import type { StoreMarks } from './cache-store.ts';

/** A part's place, in words from the beginning of the buffer. */
interface Slice {
  readonly start: number;
  readonly words: number;
}

/**
 * A cache line of 64 bytes. Parts that begin on one of their own are aligned to the 8 bytes that a compare-exchange
 * changes, and no processor waits for another one's line because of a part that it does not use.
 */
const LINE_WORDS = 16;

/**
 * The memory that the threads of one gateway share, divided as the configuration says: every thread comes to the same
 * division by itself, so that only the buffer goes from one to the other. Zero everywhere means that nothing has happened.
 */
export class SharedMemory {
  readonly buffer: SharedArrayBuffer;
  /** Of all threads, the main one included. */
  readonly threads: number;
  /** Whether there is a place for examples of traced requests. */
  readonly exemplars: boolean;
  readonly #slices = new Map<string, Slice>();
  #size = 0;

  /**
   * @param buffer that of another thread's, from the same configuration. @default a new one
   * @throws {Error} it is divided otherwise
   */
  constructor(config: GatewayConfig, threads: number, buffer?: SharedArrayBuffer) {
    this.threads = threads;
    this.exemplars = config.tracing !== null;
    this.#divide(config);
    const bytes = this.#size * Int32Array.BYTES_PER_ELEMENT;
    this.buffer = buffer ?? new SharedArrayBuffer(bytes);
    // A worker that takes the place of a dead one reads the program anew, which may have been updated under the gateway.
    if (this.buffer.byteLength !== bytes) {
      throw new Error(
        `The shared memory has ${this.buffer.byteLength} bytes, not ${bytes}: is the program on disk another version than the one that runs?`,
      );
    }
  }

  /** @throws {Error} no part has this name */
  words(part: string): Int32Array {
    const slice = this.#slices.get(part);
    if (slice === undefined) throw new Error(`There is no shared memory for ${part}.`);
    return new Int32Array(this.buffer, slice.start * Int32Array.BYTES_PER_ELEMENT, slice.words);
  }

  #divide(config: GatewayConfig): void {
    for (const name of config.bulkheads.keys()) this.#add(PART.pool(name), bulkheadWords(this.threads));
    for (const { name: upstream, circuitBreaker, bulkhead, targets } of config.upstreams.values()) {
      this.#add(PART.breaker(circuitBreaker.name), breakerWords(circuitBreaker, this.threads));
      if (bulkhead !== null && typeof bulkhead !== 'string') {
        this.#add(PART.bulkhead(bulkhead.name), bulkheadWords(this.threads));
      }
      for (const at of targets.keys()) this.#add(PART.target(upstream, at), targetWords(this.threads));
    }
    for (const { upstream, retry } of config.routes) {
      if (retry === null || retry.budget === null) continue;
      const part = PART.budget(budgetKey(upstream, retry.budget));
      if (!this.#slices.has(part)) this.#add(part, retryBudgetWords(this.threads));
    }
    this.#add(PART.cacheBreaker, breakerWords({ window: null, slowCall: null }, this.threads));
    for (const place of config.routes.keys()) this.#add(PART.fallbacks(place), FALLBACK_WORDS);
    for (let index = 1; index < this.threads; index++) {
      this.#add(PART.requests(index), requestMetricsWords(config.routes.length));
      this.#add(PART.upstreamCounts(index), upstreamMetricsWords(config.upstreams.size));
      this.#add(PART.refusals(index), REFUSAL_WORDS);
      if (this.exemplars) this.#add(PART.exemplars(index), exemplarWords(config.routes.length));
      this.#add(PART.workerSamples(index), WORKER_METRICS_WORDS);
    }
    this.#add(PART.rejections, rejectionWords(config.routes.length));
    this.#add(PART.connections, this.threads);
    this.#add(PART.logRead, this.threads);
    this.#add(PART.accessRead, this.threads);
    this.#add(PART.cacheMarks, MARK_WORDS);
    this.#add(PART.cacheVersions, MARK_WORDS);
  }

  #add(part: string, words: number): void {
    if (this.#slices.has(part)) throw new Error(`There would be two parts of shared memory for ${part}.`);
    this.#slices.set(part, { start: this.#size, words });
    this.#size += Math.ceil(words / LINE_WORDS) * LINE_WORDS;
  }
}

/** The names of the parts. */
export const PART = {
  pool: (name: string) => `the pool ${name}`,
  bulkhead: (name: string) => `the bulkhead ${name}`,
  budget: (key: string) => `the retry budget ${key}`,
  breaker: (name: string) => `the breaker ${name}`,
  target: (upstream: string, place: number) => `target ${place} of ${upstream}`,
  fallbacks: (place: number) => `the fallbacks of route ${place}`,
  requests: (index: number) => `the requests of thread ${index}`,
  upstreamCounts: (index: number) => `the attempts of thread ${index}`,
  refusals: (index: number) => `the refusals of thread ${index}`,
  exemplars: (index: number) => `the traces of thread ${index}`,
  workerSamples: (index: number) => `the samples of thread ${index}`,
  rejections: 'the rejected requests',
  connections: 'the connections',
  logRead: 'the log that has been read',
  accessRead: 'the access log that has been read',
  // Not by its name, which an upstream's breaker may have where no cache is in Redis.
  cacheBreaker: 'the breaker of the cache in Redis',
  cacheMarks: 'the changes of cached resources',
  cacheVersions: 'what the store of all workers has been given',
} as const;

/** What the threads tell each other of the answers that they keep. */
export function storeMarks(memory: SharedMemory): StoreMarks {
  return {
    marks: new SharedMarks(memory.words(PART.cacheMarks)),
    versions: new SharedMarks(memory.words(PART.cacheVersions)),
  };
}

function breakerWords(
  { window, slowCall }: Pick<BreakerConfig, 'window' | 'slowCall'>,
  count: number,
): number {
  const thread = { index: 0, count };
  return wordsNeeded({ window: window ?? undefined, slowCall: slowCall ?? undefined, thread });
}
