/** One thing to measure: runs its work so many times in a row. */
export interface Case {
  readonly name: string;
  readonly run: (times: number) => void | Promise<void>;
}

export interface Measured {
  readonly name: string;
  /** Nanoseconds per call: the median of the rounds. */
  readonly ns: number;
  /** Bytes allocated per call. */
  readonly bytes: number;
  /** Nanoseconds per call of each round, for comparisons round by round. */
  readonly rounds: readonly number[];
}

export interface Effort {
  readonly rounds: number;
  /** Milliseconds that one case takes in one round, about. */
  readonly roundMs: number;
}

const WARM_UP_CALLS = 50_000;
/** Few enough that what they allocate stays in the young generation without a collection (16 MiB). */
const COUNTED_CALLS = 5_000;
const COUNTED_ROUNDS = 15;

/**
 * Measures all cases side by side: in every round each runs once, in turn, so that a machine that slows down for a
 * moment slows all of them down.
 */
export async function measure(cases: readonly Case[], { rounds, roundMs }: Effort): Promise<Measured[]> {
  const times: number[] = [];
  for (const { run } of cases) {
    await run(WARM_UP_CALLS);
    const ns = await nsPerCall(run, WARM_UP_CALLS);
    times.push(Math.max(1000, Math.round((roundMs * 1e6) / ns)));
  }
  const results = cases.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { run }] of cases.entries()) {
      results[index]?.push(await nsPerCall(run, times[index] ?? 0));
    }
  }
  const measured: Measured[] = [];
  for (const [index, { name, run }] of cases.entries()) {
    const own = results[index] ?? [];
    measured.push({ name, ns: median(own), bytes: await bytesPerCall(run), rounds: own });
  }
  return measured;
}

/** How many times dearer `other` is than `own`: the median over the rounds, in which both ran side by side. */
export function ratio(own: Measured, other: Measured): number {
  return median(other.rounds.map((ns, round) => ns / (own.rounds[round] ?? Number.NaN)));
}

async function nsPerCall(run: Case['run'], times: number): Promise<number> {
  const start = process.hrtime.bigint();
  await run(times);
  return Number(process.hrtime.bigint() - start) / times;
}

async function bytesPerCall(run: Case['run']): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('Start it with --expose-gc, or allocations cannot be counted');
  const counted: number[] = [];
  for (let round = 0; round < COUNTED_ROUNDS; round++) {
    gc();
    const before = process.memoryUsage().heapUsed;
    await run(COUNTED_CALLS);
    counted.push((process.memoryUsage().heapUsed - before) / COUNTED_CALLS);
  }
  // The least of the rounds: a compilation or somebody else's timer only ever adds.
  return Math.max(0, Math.min(...counted));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
