import type { GatewayConfig } from '../config/gateway-config.ts';
import { AccessOutput } from '../observe/access-log/access-output.ts';
import { ExchangeRecorder } from '../observe/exchange-recorder.ts';
import { failureSample } from '../observe/failure-sample.ts';
import { LateMetrics } from '../observe/late-metrics.ts';
import { observers } from '../observe/observers.ts';
import { RejectionRecorder } from '../observe/rejection-recorder.ts';
import { ConnectionCount } from './connection-count.ts';
import { countedOf } from './counted-of.ts';
import { GatewayCore } from './gateway-core.ts';
import type { LogOptions } from './log-options.ts';
import { openAccessLog } from './open-access-log.ts';
import { Operations } from './operations.ts';
import { outboundLanes } from './outbound-lanes.ts';
import type { RunningGateway } from './running-gateway.ts';
import { Traffic } from './traffic.ts';
import { viaOf } from './via-of.ts';

/** A gateway that takes its traffic in this thread. @throws {Error} what `startGateway` throws */
export async function startSingle(
  config: GatewayConfig,
  { log, dropped, colors }: LogOptions,
): Promise<RunningGateway> {
  const output = await AccessOutput.open(config.log, { log, dropped, colors });
  const access = output && openAccessLog(config, (lines) => output.write(lines));
  const parts: { core?: GatewayCore; operations?: Operations; traffic?: Traffic } = {};
  let stopping: Promise<void> | null = null;
  const closeAll = async (): Promise<void> => {
    await parts.traffic?.stop();
    access?.flush();
    await parts.operations?.close();
    parts.traffic?.closeCache();
    await parts.core?.close();
    await output?.close();
  };
  try {
    const core = new GatewayCore(config, { log, makeLane: await outboundLanes(config) });
    parts.core = core;
    const recorder = new ExchangeRecorder(countedOf(config));
    const rejections = new RejectionRecorder(config.routes);
    const tally = new ConnectionCount();
    const metrics = new LateMetrics({
      routes: config.routes,
      recorder,
      breakers: () => core.breakers.values(),
      upstreams: () => core.upstreams.values(),
      pools: () => core.pools.values(),
      gateway: {
        connections: () => tally.open,
        dropped,
      },
    });
    const live = {
      workers: 1,
      requests: [recorder.memories.requests],
      rejections: rejections.memory,
      connections: () => tally.open,
    };
    const operations = new Operations(core, { log, metrics, live });
    parts.operations = operations;
    const traffic = await Traffic.open(core, {
      log,
      recorder,
      observer: observers(recorder, rejections, access),
      onHeadRefused: access?.headRefused,
      onAttemptFailed: (failure, attempt) =>
        operations.live?.note(failureSample(failure, attempt, Date.now())),
      via: viaOf(config),
      tally,
    });
    parts.traffic = traffic;
    const adminAddress = await operations.listen();
    const address = await traffic.listen(config.server.listen);
    operations.begin(address);
    return {
      address,
      adminAddress,
      workers: 1,
      requestsUnderWay: () => core.requestsUnderWay(),
      stop: () => {
        stopping ??= closeAll();
        return stopping;
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
