import type { GatewayConfig, LogLevel } from '../config/gateway-config.ts';
import { AccessOutput } from '../observe/access-log/access-output.ts';
import type { DroppedLines } from '../observe/dropped-lines.ts';
import { LateMetrics } from '../observe/late-metrics.ts';
import { buildStoreKeeper } from './cache-store.ts';
import { countMemories } from './count-memories.ts';
import { Crew } from './crew.ts';
import { ReceivedAccess } from './forwarded-access.ts';
import { ReceivedLog } from './forwarded-log.ts';
import { GatewayCore } from './gateway-core.ts';
import type { LiveSources } from './live-state.ts';
import type { LogOptions } from './log-options.ts';
import { Operations } from './operations.ts';
import { probeLanes } from './probe-lanes.ts';
import { proveFree } from './prove-free.ts';
import type { RunningGateway } from './running-gateway.ts';
import { PART, SharedMemory, storeMarks } from './shared-memory.ts';
import { SharedTally } from './shared-tally.ts';
import { lockStart } from './start-lock.ts';
import { allTargets, tellTargets } from './target-news.ts';
import { viaOf } from './via-of.ts';
import { WorkerHandle } from './worker-handle.ts';

/** Milliseconds beyond `shutdown_timeout` after which a worker that has not stopped is ended; it may send spans for two. */
const STOP_GRACE_MS = 4_000;

export interface CrewGateway extends RunningGateway {
  readonly crew: Crew;
}

/**
 * A gateway whose traffic is taken by several worker threads. This one supervises them, and does what must be done once
 * only: the admin API, DNS, the health checks, and the log.
 *
 * @throws {Error} what `startGateway` throws, and what made a worker fail at its start
 */
export async function startCrew(
  config: GatewayConfig,
  { log, dropped, colors, workers }: LogOptions & { readonly workers: number },
): Promise<CrewGateway> {
  const output = await AccessOutput.open(config.log, { log, dropped, colors });
  const count = workers + 1;
  const memory = new SharedMemory(config, count);
  const via = viaOf(config);
  const received = new ReceivedLog(log, memory.words(PART.logRead));
  const access = output && new ReceivedAccess(output, memory.words(PART.accessRead));
  const { buffer } = memory;
  const keeper = await buildStoreKeeper(config, storeMarks(memory));
  const droppedLines = dropped.words;
  let operations: Operations | null = null;
  let core: GatewayCore | null = null;
  const crew = new Crew({
    size: workers,
    hire: (index, events) => {
      const data = { config, buffer, index, count, via, logLevel: log.level as LogLevel, droppedLines };
      const storePort = keeper?.open() ?? null;
      const worker = new WorkerHandle({ ...data, storePort }, events);
      // Its own configuration knows nothing of what was found since.
      if (core !== null) for (const news of allTargets(core)) worker.send(news);
      return worker;
    },
    onLog: (worker, line) => received.take(worker, line),
    onNews: (news) => {
      if (news.type === 'event') operations?.live?.tell(news.event);
      else operations?.live?.note(news.sample);
    },
    onNotice: (what, detail) => operations?.live?.notice(what, detail),
    onAccess: (worker, lines) => access?.take(worker, lines),
    onGone: (index) => {
      received.forget(index);
      access?.forget(index);
      new SharedTally(memory.words(PART.connections), index).note(0);
      core?.forgetThread(index);
    },
    log,
  });
  let stopping: Promise<void> | null = null;
  let unlock = (): void => {};
  const closeAfter = async (workersEnded: Promise<void>): Promise<void> => {
    await workersEnded;
    keeper?.close();
    await operations?.close();
    await core?.close();
    await output?.close();
  };
  try {
    // While the workers load. What they die of before they take traffic, nobody has held anything for.
    const makeLane = await probeLanes(config);
    core = new GatewayCore(config, { log, makeLane, sharing: { memory, place: { index: 0, count } } });
    operations = new Operations(core, {
      log,
      metrics: metricsOf(core, memory, dropped),
      live: liveOf(memory),
    });
    tellTargets(core, (news) => crew.send(news));
    unlock = await lockStart(config.server.listen);
    const free = await proveFree(config.server.listen);
    const adminAddress = await operations.listen();
    const address = await crew.listen(free);
    operations.begin(address);
    return {
      address,
      adminAddress,
      workers,
      requestsUnderWay: () => core?.requestsUnderWay() ?? 0,
      crew,
      stop: () => {
        stopping ??= closeAfter(crew.stop(config.server.shutdownTimeoutMs + STOP_GRACE_MS));
        return stopping;
      },
    };
  } catch (error) {
    await closeAfter(crew.end());
    throw error;
  } finally {
    unlock();
  }
}

function liveOf(memory: SharedMemory): LiveSources {
  const workers = memory.threads - 1;
  // The main thread has no connections of its own.
  const tally = new SharedTally(memory.words(PART.connections), 0);
  return {
    workers,
    requests: Array.from({ length: workers }, (_, at) => memory.words(PART.requests(at + 1))),
    rejections: memory.words(PART.rejections),
    connections: () => tally.elsewhere,
  };
}

function metricsOf(core: GatewayCore, memory: SharedMemory, dropped: DroppedLines): LateMetrics {
  const { connections } = liveOf(memory);
  const indexes = Array.from({ length: memory.threads - 1 }, (_, at) => at + 1);
  return new LateMetrics({
    routes: core.config.routes,
    workers: indexes.map((index) => ({
      ...countMemories(memory, index),
      worker: memory.words(PART.workerSamples(index)),
    })),
    breakers: () => core.breakers.values(),
    upstreams: () => core.upstreams.values(),
    pools: () => core.pools.values(),
    gateway: {
      connections,
      dropped,
    },
  });
}
