import { parentPort, workerData } from 'node:worker_threads';
import { AccessDrops } from '../observe/access-log/access-drops.ts';
import { DroppedLines } from '../observe/dropped-lines.ts';
import { ExchangeRecorder } from '../observe/exchange-recorder.ts';
import { failureSample } from '../observe/failure-sample.ts';
import { createLogger } from '../observe/log.ts';
import { observers } from '../observe/observers.ts';
import { RejectionRecorder } from '../observe/rejection-recorder.ts';
import { SampleBudget } from '../observe/sample-budget.ts';
import { WorkerSampler } from '../observe/worker-sampler.ts';
import type { AttemptFacts, FailedAttempt } from '../proxy/exchange-context.ts';
import { Backlog } from './backlog.ts';
import { countMemories } from './count-memories.ts';
import { countedOf } from './counted-of.ts';
import { ForwardedAccess } from './forwarded-access.ts';
import { ForwardedLog } from './forwarded-log.ts';
import { GatewayCore } from './gateway-core.ts';
import { type FromWorker, sendableError, type ToWorker, type WorkerData } from './messages.ts';
import { openAccessLog } from './open-access-log.ts';
import { outboundLanes } from './outbound-lanes.ts';
import { PART, SharedMemory } from './shared-memory.ts';
import { SharedTally } from './shared-tally.ts';
import { hearTargets } from './target-news.ts';
import { tellEvents } from './tell-events.ts';
import { Traffic } from './traffic.ts';

/** The program of a worker: takes traffic as long as the main thread wants it to. */

if (parentPort === null) throw new Error('This program runs in a worker thread of the gateway only.');
const port = parentPort;
const { config, buffer, index, count, via, logLevel, storePort, droppedLines } = workerData as WorkerData;
const memory = new SharedMemory(config, count, buffer);
const dropped = new DroppedLines(droppedLines);

const log = createLogger({
  level: logLevel,
  destination: new ForwardedLog(
    (line) => send({ type: 'log', line }),
    new Backlog(memory.words(PART.logRead), index),
    dropped,
  ),
});
const drops = new AccessDrops(dropped, log);
const wayOut = new ForwardedAccess(
  (lines) => send({ type: 'access', lines }),
  new Backlog(memory.words(PART.accessRead), index),
  drops,
);
const access = openAccessLog(config, wayOut.write, index);
const core = new GatewayCore(config, {
  log,
  // The main thread, which is counted too, takes no traffic.
  makeLane: await outboundLanes(config, count - 1),
  sharing: { memory, place: { index, count } },
});
// Without an admin API there is nobody who would look.
if (config.admin !== null) tellEvents(core, (event) => send({ type: 'event', event }));
const budget = new SampleBudget();
const sampler = new WorkerSampler(memory.words(PART.workerSamples(index)));

try {
  const recorder = new ExchangeRecorder(countedOf(config), countMemories(memory, index));
  const traffic = await Traffic.open(core, {
    log,
    recorder,
    observer: observers(
      recorder,
      new RejectionRecorder(config.routes, memory.words(PART.rejections)),
      access,
    ),
    onHeadRefused: access?.headRefused,
    onAttemptFailed: config.admin === null ? undefined : tellFailure,
    via,
    tally: new SharedTally(memory.words(PART.connections), index),
    storePort,
  });
  port.on('message', (message: ToWorker) => {
    obey(message, traffic).catch(fail);
  });
} catch (error) {
  fail(error);
}

async function obey(message: ToWorker, traffic: Traffic): Promise<void> {
  switch (message.type) {
    case 'listen':
      send({ type: 'listening', address: await traffic.listen(message.address, { reusePort: true }) });
      return;
    case 'stop':
      await traffic.stop();
      access?.flush();
      drops.tell();
      traffic.closeCache();
      await core.close();
      sampler.stop();
      send({ type: 'stopped' });
      return;
    case 'targets':
    case 'probed':
      hearTargets(core, message);
      return;
    default:
      // An order that is not understood must not be lost without a word.
      throw new Error(`A worker knows no order ${JSON.stringify(message)}.`);
  }
}

/** Before what the breaker makes of it, so that the main thread has it when it hears of that. */
function tellFailure(failure: FailedAttempt, attempt: AttemptFacts): void {
  if (!budget.allows(attempt.upstream.name)) return;
  send({ type: 'failure', sample: failureSample(failure, attempt, Date.now()) });
}

/** A gateway that only half works must not go on: the main thread makes another worker. */
function fail(error: unknown): void {
  send({ type: 'failed', error: sendableError(error) });
  process.exit(1);
}

function send(message: FromWorker): void {
  port.postMessage(message);
}
