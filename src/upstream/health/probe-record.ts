import { Memory } from '../../resilience/breaker/memory.ts';
import {
  CONTRARY,
  loadUnixMs,
  PROBE_AT,
  PROBE_OK,
  PROBE_US,
  PROBES,
  storeUnixMs,
  targetWords,
  UNHEALTHY,
} from '../target-words.ts';

/** What one probe found. */
export interface ProbeResult {
  readonly ok: boolean;
  /** For people: the status, or what was wrong. */
  readonly detail: string;
  readonly durationMs: number;
  /** Unix milliseconds of its end. */
  readonly at: number;
}

/** What the thread that probes tells the others beside what stands in memory; can be posted. */
export interface ProbeState {
  /** Which result it is, from 1. */
  readonly nth: number;
  readonly last: ProbeResult | null;
}

/**
 * What probes have shown of one target. Without health checks: that nothing speaks against it. One thread probes and
 * notes; all that share the memory see it.
 */
export class ProbeRecord {
  readonly #memory: Memory;
  #told: ProbeState = { nth: 0, last: null };

  /** @param memory of the target */
  constructor(memory: Memory = new Memory(new Int32Array(targetWords(1)))) {
    this.#memory = memory;
  }

  /** New targets count as healthy. */
  get healthy(): boolean {
    return this.#memory.load(UNHEALTHY) === 0;
  }

  /** Null before the first. In a thread that has not been told of it by `adopt` yet, `detail` is empty. */
  get last(): ProbeResult | null {
    const nth = this.#memory.load(PROBES);
    return nth === this.#told.nth ? this.#told.last : this.#remembered();
  }

  /** Results in a row, up to now, that speak against `healthy`. */
  get contrary(): number {
    return this.#memory.load(CONTRARY);
  }

  /**
   * @param rise good results in a row that make it healthy
   * @param fall bad results in a row that make it unhealthy
   * @returns whether `healthy` changed
   */
  note(result: ProbeResult, rise: number, fall: number): boolean {
    const memory = this.#memory;
    storeUnixMs(memory, PROBE_AT, result.at);
    memory.store(PROBE_US, Math.min(result.durationMs * 1000, 0x7fffffff) | 0);
    memory.store(PROBE_OK, Number(result.ok));
    this.#told = { nth: (memory.load(PROBES) + 1) | 0, last: result };
    memory.store(PROBES, this.#told.nth);
    const { healthy } = this;
    const contrary = result.ok === healthy ? 0 : this.contrary + 1;
    const changes = contrary >= (healthy ? fall : rise);
    memory.store(CONTRARY, changes ? 0 : contrary);
    if (changes) memory.store(UNHEALTHY, Number(!result.ok));
    return changes;
  }

  /** For `adopt` in other threads. */
  state(): ProbeState {
    return this.#told;
  }

  /** Takes over what is too long for memory: the words for people. What has been overtaken by a newer result does nothing. */
  adopt(state: ProbeState): void {
    this.#told = state;
  }

  #remembered(): ProbeResult {
    const memory = this.#memory;
    return {
      ok: memory.load(PROBE_OK) === 1,
      detail: '',
      durationMs: memory.load(PROBE_US) / 1000,
      at: loadUnixMs(memory, PROBE_AT),
    };
  }
}
