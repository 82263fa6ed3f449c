import { backgroundTimer, type Clock, type StopTimer, systemClock, type Timer } from '../resilience/index.ts';
import { tell } from '../resilience/tell.ts';
import { compareReadings, type TimedReading } from './compare-readings.ts';
import type { TrafficReading } from './traffic-reader.ts';
import type { TrafficSample } from './traffic-sample.ts';

/** Between two readings. */
const EVERY_MS = 2_000;
/** Fifteen minutes. */
const MAX_SAMPLES = 450;

export interface HistoryOptions {
  /** Names, in the order in which samples list them. */
  readonly upstreams: readonly string[];
  readonly read: () => TrafficReading;
  /** Calls that breakers and bulkheads have refused since the start; unsigned 32 bits, and begins anew after them. */
  readonly rejections: () => number;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Must not keep the process alive. @default backgroundTimer */
  readonly timer?: Timer;
}

type SampleListener = (sample: TrafficSample) => void;

/** The traffic of the last quarter of an hour, read every two seconds. */
export class TrafficHistory {
  readonly upstreams: readonly string[];
  readonly #options: HistoryOptions;
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #listeners = new Set<SampleListener>();
  /** A ring once it is full: the oldest stands at `#next`. */
  readonly #kept: TrafficSample[] = [];
  #next = 0;
  #last: TimedReading;
  #stopTimer: StopTimer = () => {};

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#timer = options.timer ?? backgroundTimer;
    this.upstreams = options.upstreams;
    this.#last = this.#read();
  }

  /** Oldest first. */
  samples(): readonly TrafficSample[] {
    return [...this.#kept.slice(this.#next), ...this.#kept.slice(0, this.#next)];
  }

  /** Hears of each new sample. One that throws keeps nothing from the others. @returns ends it */
  on(listener: SampleListener): () => void {
    const added: SampleListener = (sample) => listener(sample);
    this.#listeners.add(added);
    return () => this.#listeners.delete(added);
  }

  /** Begins with what happens from now on. */
  start(): void {
    this.#last = this.#read();
    this.#wait();
  }

  stop(): void {
    this.#stopTimer();
  }

  #wait(): void {
    this.#stopTimer = this.#timer.start(EVERY_MS, () => {
      this.#wait();
      this.#sample();
    });
  }

  #read(): TimedReading {
    const { read, rejections } = this.#options;
    return { reading: read(), rejections: rejections(), now: this.#clock.now() };
  }

  #sample(): void {
    const before = this.#last;
    const now = this.#read();
    // Two ticks at once, such as after a stop of the whole process, leave nothing to divide by.
    if (now.now - before.now < 1) return;
    this.#last = now;
    const sample = compareReadings(before, now, { at: this.#clock.wallNow(), upstreams: this.upstreams });
    if (this.#kept.length < MAX_SAMPLES) this.#kept.push(sample);
    else {
      this.#kept[this.#next] = sample;
      this.#next = (this.#next + 1) % MAX_SAMPLES;
    }
    for (const listener of [...this.#listeners]) tell(listener, sample);
  }
}
