import { describe, expect, it } from 'vitest';
import type { HealthCheckConfig } from '../../../../src/config/gateway-config.ts';
import {
  type AttemptSink,
  type OutboundLane,
  type OutboundRequest,
  UpstreamError,
} from '../../../../src/http/message.ts';
import { FakeTime } from '../../../helpers/fake-time.ts';
import { targetConfig, upstreamOf } from '../upstream-kit.ts';

const CHECK: HealthCheckConfig = {
  path: '/health',
  method: 'GET',
  intervalMs: 10_000,
  unhealthyIntervalMs: 2_000,
  timeoutMs: 500,
  jitter: 0,
  rise: 2,
  fall: 3,
  expectStatuses: [{ from: 200, to: 299 }],
  expectBody: null,
};

/** Answers each probe at once with `status`, or never; notes what was asked when. */
class ProbedLane implements OutboundLane {
  static status: number | 'exhausted' | null = 200;
  static asked: number[] = [];
  static destroyed = 0;
  readonly #time: FakeTime;

  constructor(time: FakeTime) {
    this.#time = time;
  }

  start(_request: OutboundRequest, sink: AttemptSink) {
    ProbedLane.asked.push(this.#time.now() - 1000);
    const { status } = ProbedLane;
    if (status !== null) {
      queueMicrotask(() => {
        if (status === 'exhausted') {
          sink.onError(new UpstreamError('exhausted', 'connect EMFILE'));
          return;
        }
        sink.onHead(status, '', []);
        sink.onEnd([]);
      });
    }
    return { queued: false, resume() {}, abort() {} };
  }

  upgrade(): never {
    throw new Error('nothing is upgraded in this test');
  }

  async close(): Promise<void> {}

  destroy(): void {
    ProbedLane.destroyed++;
  }
}

function checked(config: Partial<HealthCheckConfig> = {}, random = () => 0.5) {
  ProbedLane.status = 200;
  ProbedLane.asked = [];
  ProbedLane.destroyed = 0;
  const time = new FakeTime();
  const made = upstreamOf(
    { targets: [targetConfig('http://a')], healthCheck: { ...CHECK, ...config }, slowStartMs: 1e6 },
    { clock: time, timer: time, random, makeLane: () => new ProbedLane(time) },
  );
  made.upstream.start();
  return { ...made, time, target: made.upstream.targets[0]! };
}

describe('health checks', () => {
  it('begin within a second, and go on by the interval after each result', async () => {
    const { time } = checked();
    await time.advance(20_600);
    expect(ProbedLane.asked).toEqual([500, 10_500, 20_500]);
  });

  it('begin within the interval where that is shorter', async () => {
    const { time } = checked({ intervalMs: 100 });
    await time.advance(100);
    expect(ProbedLane.asked).toEqual([50]);
  });

  it.each([
    [0, [0, 8_000]],
    [0.25, [250, 9_250]],
    [0.75, [750, 11_750]],
  ])('vary the interval by the jitter (random %d)', async (random, expected) => {
    const { time } = checked({ jitter: 20 }, () => random);
    await time.advance(12_000);
    expect(ProbedLane.asked).toEqual(expected);
  });

  it('take a target out after `fall` bad probes and ask more often, until `rise` good ones', async () => {
    const { time, target, events } = checked();
    ProbedLane.status = 503;
    await time.advance(10_500);
    expect([target.available, target.status, target.probes.last?.detail]).toEqual([
      true,
      'healthy',
      'status 503',
    ]);
    await time.advance(10_000);
    expect([target.available, target.status]).toEqual([false, 'unhealthy']);
    ProbedLane.status = 200;
    await time.advance(2_000);
    expect(target.available).toBe(false);
    await time.advance(2_000);
    expect([target.available, target.status]).toEqual([true, 'healthy']);
    await time.advance(10_000);
    expect(ProbedLane.asked).toEqual([500, 10_500, 20_500, 22_500, 24_500, 34_500]);
    expect(events).toEqual([
      {
        type: 'unhealthy',
        upstream: 'shop',
        target: 'http://a',
        reason: 'bad probes in a row: 3, the last: status 503',
      },
      { type: 'healthy', upstream: 'shop', target: 'http://a', reason: 'good probes in a row: 2' },
    ]);
  });

  it('learn nothing of a target while the gateway itself has no connection to spare', async () => {
    const { time, target, events } = checked({ fall: 1 });
    ProbedLane.status = 'exhausted';
    await time.advance(20_600);
    expect(ProbedLane.asked).toEqual([500, 10_500, 20_500]);
    expect([target.probes.healthy, target.probes.last, events]).toEqual([true, null, []]);
    expect(ProbedLane.destroyed).toBe(3);
  });

  it('let a target that is well again start slowly', async () => {
    const { time, target } = checked({ fall: 1, rise: 1 });
    expect(target.weight).toBe(1);
    ProbedLane.status = 503;
    await time.advance(500);
    ProbedLane.status = 200;
    await time.advance(2_000);
    expect(target.weight).toBeCloseTo(0.1);
  });

  it('are no traffic', async () => {
    const { time, target, upstream } = checked();
    ProbedLane.status = 503;
    await time.advance(30_000);
    expect(target).toMatchObject({ requests: 0, failures: 0, consecutiveFailures: 0, inFlight: 0 });
    expect(upstream.breaker.snapshot().requestCount).toBe(0);
  });

  it('take no answer in time for a bad one, and never send a second meanwhile', async () => {
    const { time, target } = checked({ timeoutMs: 30_000 });
    ProbedLane.status = null;
    await time.advance(30_400);
    expect([ProbedLane.asked, target.probes.last]).toEqual([[500], null]);
    await time.advance(100);
    expect(target.probes.last).toMatchObject({
      ok: false,
      detail: 'no whole answer within 30000 ms',
      durationMs: 30_000,
    });
    expect(ProbedLane.destroyed).toBe(1);
  });

  it.each(['destroy', 'close'] as const)(
    'end with the upstream (%s), also in the middle of a probe',
    async (end) => {
      const { time, upstream, target } = checked();
      ProbedLane.status = null;
      await time.advance(600);
      await upstream[end]();
      expect(time.pending).toBe(0);
      await time.advance(100_000);
      expect([ProbedLane.asked, target.probes.last]).toEqual([[500], null]);
    },
  );
});
