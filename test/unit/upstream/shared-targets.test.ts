import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import type { EjectionConfig, TargetConfig, UpstreamConfig } from '../../../src/config/gateway-config.ts';
import { CircuitBreaker, ManualClock, wordsNeeded } from '../../../src/resilience/index.ts';
import type { Target } from '../../../src/upstream/target.ts';
import type { TargetEvent } from '../../../src/upstream/target-events.ts';
import { attemptsOf, targetWords } from '../../../src/upstream/target-words.ts';
import { Upstream } from '../../../src/upstream/upstream.ts';
import { FakeTime } from '../../helpers/fake-time.ts';
import { sharedWords } from '../../helpers/shared-words.ts';
import { interleave } from '../resilience/breaker/thread-world.ts';
import type { AttemptsTask } from './attempts-thread.ts';
import { attempts, IdleLane, targetConfig, upstreamConfig, weighted } from './upstream-kit.ts';

vi.mock('../../../src/resilience/breaker/memory.ts', async (original) => {
  const { watched } = await import('../resilience/breaker/watched-memory.ts');
  return watched(await original());
});

const COUNT = 3;
const EJECTION: EjectionConfig = {
  consecutiveFailures: 3,
  baseTimeMs: 1000,
  maxTimeMs: 3000,
  maxEjected: 50,
};

/** Parsed once: the tests below make thousands of upstreams. */
const CONFIG = upstreamConfig({ ejection: EJECTION });

/** Three threads' views of one upstream, the first of them main's, with what is told in each. */
function threads(targets: readonly TargetConfig[], more: Partial<UpstreamConfig> = {}) {
  const time = new ManualClock(1000);
  const timer = new FakeTime();
  const breakerMemory = sharedWords(wordsNeeded({ thread: { index: 0, count: COUNT } }));
  const memories = new Map(targets.map(({ url }) => [url, sharedWords(targetWords(COUNT))]));
  const told: TargetEvent[] = [];
  const join = (index: number): Upstream => {
    const thread = { index, count: COUNT };
    const upstream = new Upstream(
      { ...CONFIG, targets, ...more },
      {
        breaker: new CircuitBreaker({ name: 'shop', clock: time, memory: breakerMemory, thread }),
        bulkhead: null,
        makeLane: () => new IdleLane(),
        clock: time,
        timer,
        random: () => 0,
        targetMemory: ({ url, address }) =>
          address === undefined ? memories.get(url) : sharedWords(targetWords(COUNT)),
        thread,
      },
    );
    upstream.on((event) => told.push(event));
    return upstream;
  };
  return { time, told, join, main: join(0), a: join(1), b: join(2) };
}

const first = (upstream: Upstream): Target => upstream.targets[0]!;
const changes = (told: readonly TargetEvent[]): string[] =>
  told.map(({ type, target }) => `${type} ${target}`);

describe('what traffic shows of a target', () => {
  it('is one for all threads', () => {
    const { main, a, b, time } = threads(weighted(1), { ejection: null });
    attempts(first(a), 'success', 2);
    attempts(first(a), 'failure');
    first(b).started();
    first(b).judged('timeout', undefined);
    expect(first(main)).toMatchObject({
      requests: 4,
      failures: 2,
      consecutiveFailures: 2,
      inFlight: 1,
      lastFailureAt: time.wallNow(),
      status: 'unhealthy',
    });
    attempts(first(a), 'success');
    expect(first(main)).toMatchObject({ consecutiveFailures: 0, status: 'healthy' });
  });

  it('counts attempts as 32 bits without a sign, over all threads', () => {
    const { main, a, b } = threads(weighted(1));
    const [, ofA, ofB] = [0, 1, 2].map((index) => attemptsOf(index));
    const { memory } = first(main);
    memory![ofA!] = 2 ** 31 - 1;
    memory![ofB!] = 2 ** 31 - 2;
    first(a).started();
    expect(first(main).requests).toBe(2 ** 32 - 2);
    first(b).started();
    first(b).started();
    expect(first(main).requests).toBe(0);
  });

  it('loses the attempts that a dead thread had under way, and no count', () => {
    const { main, a, b } = threads(weighted(1));
    for (const one of [first(a), first(a), first(b)]) one.started();
    main.forgetThread(1);
    main.forgetThread(1);
    expect(first(b)).toMatchObject({ requests: 3, inFlight: 1 });
    expect(() => main.forgetThread(0)).toThrow('index');
  });

  it('lets a target that leaves close its connections when its thread is done, whatever others still do', async () => {
    const { a, b } = threads(weighted(1));
    first(b).started();
    const { lane } = first(a);
    a.replaceTargets(0, [targetConfig('http://other')]);
    expect((lane as IdleLane).closed).toBe(1);
  });
});

describe('ejection across threads', () => {
  it('goes by the failures of all, is told once and seen by all', () => {
    const { main, a, b, time, told } = threads(weighted(1, 1));
    attempts(first(a), 'failure', 2);
    attempts(first(b), 'failure');
    expect([main, a, b].map((one) => first(one).status)).toEqual(['ejected', 'ejected', 'ejected']);
    attempts(first(a), 'failure', 5);
    time.advance(1000);
    a.pick(null, []);
    b.pick(null, []);
    expect(first(main).status).not.toBe('ejected');
    expect(changes(told)).toEqual(['ejected http://a', 'restored http://a']);
  });

  it('is begun and ended by one thread, whatever comes between', () => {
    const world = () => {
      const made = threads(weighted(1, 1));
      for (const one of [made.a, made.b]) attempts(first(one), 'failure', 1);
      return made;
    };
    type World = ReturnType<typeof world>;
    const fail = (who: 'a' | 'b' | 'main') => (made: World) => attempts(first(made[who]), 'failure');
    interleave(world, [fail('a'), fail('b'), fail('main')], ({ told, main }) => {
      expect(changes(told)).toEqual(['ejected http://a']);
      expect(first(main).ejection.active).toBe(true);
    });
    const over = () => {
      const made = world();
      fail('a')(made);
      made.time.advance(1000);
      made.told.length = 0;
      return made;
    };
    const ask = (who: 'a' | 'b' | 'main') => (made: World) => void made[who].pick(null, []);
    interleave(over, [ask('a'), ask('b'), ask('main')], ({ told, main }) => {
      expect(changes(told)).toEqual(['restored http://a']);
      expect(first(main).ejection.active).toBe(false);
    });
  });

  it('leaves in rotation what must stay, though threads eject different targets in the same moment', () => {
    const world = () => {
      const made = threads(weighted(1, 1), { ejection: { ...EJECTION, maxEjected: 100 } });
      attempts(made.a.targets[0], 'failure', 2);
      attempts(made.b.targets[1], 'failure', 2);
      return made;
    };
    type World = ReturnType<typeof world>;
    interleave(
      world,
      [
        ({ a }: World) => attempts(a.targets[0], 'failure'),
        ({ b }: World) => attempts(b.targets[1], 'failure'),
      ],
      ({ main, told }) => {
        expect(main.targets.filter(({ ejection }) => ejection.active).length).toBe(told.length);
        expect(told.length).toBeLessThanOrEqual(1);
      },
    );
  });
});

describe('the slow start of a target', () => {
  it('is the same in all threads', () => {
    const { main, a, time } = threads(weighted(1), { slowStartMs: 1000 });
    first(main).rampUp();
    expect(first(a).weight).toBeCloseTo(0.1);
    time.advance(500);
    expect(first(a).weight).toBeCloseTo(0.55);
    time.advance(500);
    expect([first(a).weight, first(main).weight]).toEqual([1, 1]);
  });
});

describe('what probes show of a target', () => {
  const bad = { ok: false, detail: 'status 500', durationMs: 12.5, at: 1_700_000_000_123 };

  it('is noted in one thread and seen in all; the words come by message', () => {
    const { main, a, b } = threads(weighted(1));
    expect(first(a).probes.last).toBeNull();
    first(main).probes.note(bad, 1, 1);
    expect(first(a).probes).toMatchObject({ healthy: false, last: { ...bad, detail: '' } });
    expect(first(a)).toMatchObject({ available: false, status: 'unhealthy' });
    const state = structuredClone(first(main).probes.state());
    first(a).probes.adopt(state);
    expect(first(a).probes.last).toEqual(bad);
    first(main).probes.note({ ...bad, ok: true, detail: 'status 200' }, 1, 1);
    first(b).probes.adopt(state);
    for (const one of [a, b]) {
      expect(first(one).probes).toMatchObject({ healthy: true, last: { ok: true, detail: '' } });
    }
  });
});

describe('a list of targets that was decided elsewhere', () => {
  const found = (address: string): TargetConfig => targetConfig('http://a', { address });

  it('is told with the memory of each, and makes the same targets in other threads', () => {
    const { main, a, told } = threads(weighted(1, 1), { slowStartMs: 1000 });
    const stop = main.onTargetsReplaced((place, configs, memories) =>
      a.replaceTargets(place, structuredClone(configs), structuredClone(memories)),
    );
    main.replaceTargets(0, [found('10.0.0.1'), found('10.0.0.2')]);
    main.replaceTargets(0, [found('10.0.0.2'), found('10.0.0.3')]);
    const urls = ['http://a (10.0.0.2)', 'http://a (10.0.0.3)', 'http://b'];
    expect(main.targets.map(({ url }) => url)).toEqual(urls);
    expect(a.targets.map(({ url }) => url)).toEqual(urls);
    attempts(a.targets[0], 'failure');
    attempts(a.targets[1], 'failure', 2);
    expect(main.targets.map(({ failures }) => failures)).toEqual([1, 2, 0]);
    // The one that joined begins slowly in both; only main tells.
    expect(a.targets.map(({ weight }) => weight)).toEqual([1, 0.1, 1]);
    expect(changes(told).filter((change) => change.endsWith('.3)'))).toEqual(['added http://a (10.0.0.3)']);
    stop();
    main.replaceTargets(0, [found('10.0.0.9')]);
    expect(a.targets).toHaveLength(3);
  });

  it('can be had by a thread that joins later', () => {
    const { main, join } = threads(weighted(1, 1));
    main.replaceTargets(0, [found('10.0.0.1')]);
    attempts(main.targets[0], 'failure');
    const late = join(2);
    for (const [place, { configs, memories }] of structuredClone(main.targetLists()).entries()) {
      late.replaceTargets(place, configs, memories);
    }
    expect(late.targets.map(({ url, failures }) => [url, failures])).toEqual([
      ['http://a (10.0.0.1)', 1],
      ['http://b', 0],
    ]);
  });
});

describe('real threads', () => {
  it('count every attempt at a target, and drop those of a thread that was killed', async () => {
    const memory = sharedWords(targetWords(5));
    const start = (index: number, endless: boolean): Worker =>
      new Worker(new URL('./attempts-thread.ts', import.meta.url), {
        workerData: { memory, thread: { index, count: 5 }, attempts: 20_000, endless } satisfies AttemptsTask,
      });
    const { Target } = await import('../../../src/upstream/target.ts');
    const target = new Target(targetConfig('http://a'), new IdleLane(), {
      clock: new FakeTime(),
      slowStartMs: 0,
      memory,
      thread: { index: 0, count: 5 },
    });
    const workers = [start(1, false), start(2, false), start(3, false), start(4, true)];
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    await Promise.all(workers.map((worker) => worker.terminate()));
    target.forgetThread(4);
    expect(target.inFlight).toBe(0);
    expect(target.failures).toBe(3 * 20_000);
    expect(target.requests).toBeGreaterThan(3 * 20_000);
  });
});
