import type { TargetConfig } from '../config/gateway-config.ts';
import type { OutboundLane } from '../http/message.ts';
import { Memory } from '../resilience/breaker/memory.ts';
import type { Clock, ThreadPlace } from '../resilience/index.ts';
import { checkMemory, checkOther, checkThread } from '../resilience/thread-place.ts';
import type { Verdict } from './classify.ts';
import { Ejection } from './ejection.ts';
import { ProbeRecord } from './health/probe-record.ts';
import {
  attemptsOf,
  CONSECUTIVE_FAILURES,
  FAILURES,
  LAST_FAILURE_AT,
  loadUnixMs,
  msSince,
  RAMP_FROM,
  storeUnixMs,
  targetWords,
} from './target-words.ts';

/** The share of its weight with which a target begins that joins or comes back. */
const FIRST_SHARE = 0.1;

/** `unknown` until a request or a probe has shown something. */
export type TargetStatus = 'healthy' | 'unhealthy' | 'ejected' | 'unknown';

export interface TargetParts {
  readonly clock: Clock;
  readonly slowStartMs: number;
  /** Told of every judged attempt, after it was counted. */
  readonly onJudged?: (target: Target, verdict: Verdict, latencyMs: number | undefined) => void;
  /**
   * `targetWords(thread.count)` words, 8-byte aligned: zero, or those of the same target in another thread. What traffic
   * and probes have shown is then one for all. @default private memory
   */
  readonly memory?: Int32Array | undefined;
  /** Which of the threads that share `memory` this one is. @default the only one */
  readonly thread?: ThreadPlace | undefined;
}

/** One address of an upstream, the lane to it, and what traffic and probes have shown of it. */
export class Target {
  readonly config: TargetConfig;
  readonly lane: OutboundLane;
  /** Host and port as they stand in a Host field. */
  readonly authority: string;
  /** For people, as written; the address beside it where DNS gave one: `http://auth:8081 (10.0.0.3)`. */
  readonly url: string;
  readonly ejection: Ejection;
  readonly probes: ProbeRecord;
  /** For the same target in another thread; undefined: private. */
  readonly memory: Int32Array | undefined;
  readonly #parts: TargetParts;
  readonly #thread: ThreadPlace;
  readonly #memory: Memory;
  readonly #words: Int32Array;
  /** Where the attempts of this thread stand: started, and after them under way. */
  readonly #own: number;
  #share: number;
  #onIdle: (() => void) | null = null;

  constructor(config: TargetConfig, lane: OutboundLane, parts: TargetParts) {
    this.config = config;
    this.lane = lane;
    this.authority = new URL(config.url).host;
    this.url = config.address === undefined ? config.url : `${config.url} (${config.address})`;
    this.#share = config.weight;
    this.#parts = parts;
    this.#thread = checkThread(parts.thread);
    const needed = targetWords(this.#thread.count);
    this.memory = parts.memory;
    this.#memory = new Memory(checkMemory(parts.memory ?? new Int32Array(needed), needed));
    this.#words = this.#memory.words;
    this.#own = attemptsOf(this.#thread.index);
    this.ejection = new Ejection(this.#memory);
    this.probes = new ProbeRecord(this.#memory);
  }

  /** Its share of the traffic at this moment, against those of the others; over 0. */
  get weight(): number {
    const from = this.#memory.load(RAMP_FROM);
    if (from === 0) return this.#share;
    const grown = msSince(this.#parts.clock.now(), from) / this.#parts.slowStartMs;
    if (grown < 1) return this.#share * (FIRST_SHARE + (1 - FIRST_SHARE) * grown);
    this.#memory.replace(RAMP_FROM, from, 0);
    return this.#share;
  }

  /** In rotation: nothing that traffic or probes have shown speaks against it. */
  get available(): boolean {
    return this.probes.healthy && !this.ejection.active;
  }

  get status(): TargetStatus {
    if (!this.probes.healthy) return 'unhealthy';
    if (this.ejection.active) return 'ejected';
    if (this.consecutiveFailures > 0 && !this.#checkedSince) return 'unhealthy';
    return this.requests === 0 && this.probes.last === null ? 'unknown' : 'healthy';
  }

  /** A health check that was good has come after the last failure. */
  get #checkedSince(): boolean {
    const { last } = this.probes;
    return last?.ok === true && last.at > (this.lastFailureAt ?? 0);
  }

  /** Attempts that were started; unsigned 32 bits, after which it begins anew. */
  get requests(): number {
    return this.#sum(0) >>> 0;
  }

  get failures(): number {
    return this.#memory.load(FAILURES) >>> 0;
  }

  get consecutiveFailures(): number {
    return this.#memory.load(CONSECUTIVE_FAILURES);
  }

  /** Unix milliseconds; null when none was seen. */
  get lastFailureAt(): number | null {
    const at = loadUnixMs(this.#memory, LAST_FAILURE_AT);
    return at === 0 ? null : at;
  }

  /** Attempts under way. */
  get inFlight(): number {
    return this.#sum(1);
  }

  /** An attempt begins. */
  started(): void {
    this.#words[this.#own]!++;
    this.#words[this.#own + 1]!++;
  }

  /**
   * What became of an attempt; at most once for each.
   *
   * @param latencyMs until the response head
   */
  judged(verdict: Verdict, latencyMs: number | undefined): void {
    const memory = this.#memory;
    if (verdict === 'success') {
      if (memory.peek(CONSECUTIVE_FAILURES) !== 0) memory.store(CONSECUTIVE_FAILURES, 0);
    } else if (verdict !== 'excluded') {
      storeUnixMs(memory, LAST_FAILURE_AT, this.#parts.clock.wallNow());
      memory.add(FAILURES, 1);
      memory.add(CONSECUTIVE_FAILURES, 1);
    }
    this.#parts.onJudged?.(this, verdict, latencyMs);
  }

  /** An attempt is over; exactly once for each that was started. */
  ended(): void {
    const left = this.#ownInFlight - 1;
    this.#words[this.#own + 1] = left;
    if (left === 0) this.#onIdle?.();
  }

  /** It joins, or comes back: its weight grows from a tenth to the whole within the slow start. */
  rampUp(): void {
    // 0 is "whole"; a millisecond does not matter.
    if (this.#parts.slowStartMs > 0) this.#memory.store(RAMP_FROM, this.#parts.clock.now() | 0 || 1);
  }

  /** @param weight over 0, takes the place of the configured one */
  setWeight(weight: number): void {
    this.#share = weight;
  }

  /** It gets no new attempts any more: closes its connections when the last one of this thread is over. */
  retire(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = () => resolve(this.lane.close());
      if (this.#ownInFlight === 0) this.#onIdle();
    });
  }

  /**
   * Drops the attempts that a thread had under way which is certainly gone. Before another takes its index.
   *
   * @throws InvalidOptionError there is no such thread, or it is this one
   */
  forgetThread(index: number): void {
    checkOther(index, this.#thread);
    this.#memory.store(attemptsOf(index) + 1, 0);
  }

  get #ownInFlight(): number {
    return this.#words[this.#own + 1]!;
  }

  #sum(offset: number): number {
    let sum = 0;
    for (let thread = 0; thread < this.#thread.count; thread++) {
      sum += this.#memory.load(attemptsOf(thread) + offset);
    }
    return sum;
  }
}
