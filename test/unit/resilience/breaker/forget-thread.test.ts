import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  ManualClock,
  REFUSED,
  wordsNeeded,
} from '../../../../src/resilience/index.ts';
import { sharedWords } from '../../../helpers/shared-words.ts';
import type { Assignment } from './stressing-thread.ts';
import { cut, interleave } from './thread-world.ts';

vi.mock('../../../../src/resilience/breaker/memory.ts', async (original) => {
  const { watched } = await import('./watched-memory.ts');
  return watched(await original());
});

const COUNT = 3;
const at = (index: number) => ({ index, count: COUNT });
const RULES = { failureThreshold: 1, openTimeoutMs: 1000, halfOpenTimeoutMs: 500, halfOpenRequests: 2 };

/** Three threads' views of one breaker that is open and whose time is over. */
function due(options: Partial<CircuitBreakerOptions> = {}) {
  const clock = new ManualClock(5000);
  const all = { name: 'x', clock, ...RULES, ...options };
  const memory = sharedWords(wordsNeeded({ ...all, thread: at(0) }));
  const join = (index: number): CircuitBreaker => new CircuitBreaker({ ...all, memory, thread: at(index) });
  const world = { clock, main: join(0), a: join(1), b: join(2) };
  world.a.settle(world.a.tryAcquire(), 'failure');
  clock.advance(1000);
  return world;
}

describe('forgetThread', () => {
  it('gives back the probes of a dead thread at once, as excluded and exactly once', () => {
    const { main, a, b } = due();
    const probes = [a.tryAcquire(), a.tryAcquire(), b.tryAcquire()];
    expect(probes.map((permit) => permit !== REFUSED)).toEqual([true, true, false]);
    main.forgetThread(1);
    main.forgetThread(1);
    b.forgetThread(1);
    expect(main.snapshot()).toMatchObject({
      state: 'HALF_OPEN',
      halfOpenInFlight: 0,
      totals: { excluded: 2 },
    });
    expect(b.settle(b.tryAcquire(), 'success')).toBe(true);
    expect(main.state).toBe('CLOSED');
  });

  it('leaves the probes of others alone, and those that the thread had settled', () => {
    const { main, a, b } = due({ successThreshold: 5, halfOpenRequests: 3 });
    const settled = a.tryAcquire();
    a.tryAcquire();
    b.tryAcquire();
    a.settle(settled, 'success');
    main.forgetThread(1);
    expect(main.snapshot()).toMatchObject({ halfOpenInFlight: 1, successCount: 1 });
  });

  it('takes nothing from a later generation', () => {
    const { main, a, b, clock } = due();
    a.tryAcquire();
    b.settle(b.tryAcquire(), 'failure');
    clock.advance(1000);
    b.tryAcquire();
    main.forgetThread(1);
    expect(main.snapshot()).toMatchObject({ halfOpenInFlight: 1, totals: { excluded: 0 } });
  });

  it('takes nothing from the generation that looks the same, 256 changes later', () => {
    const { main, a, b } = due();
    a.tryAcquire();
    for (let change = 0; change < 256; change++) {
      if (change % 2 === 0) b.forceOpen();
      else b.release();
    }
    b.tryAcquire();
    expect(main.state).toBe('HALF_OPEN');
    main.forgetThread(1);
    expect(main.snapshot()).toMatchObject({ halfOpenInFlight: 1, totals: { excluded: 0 } });
  });

  it('never lets more probes through than there may be, whatever comes between its steps', () => {
    const world = () => {
      const threads = due();
      threads.a.tryAcquire();
      return { ...threads, taken: 0, settled: 0 };
    };
    type World = ReturnType<typeof world>;
    const probe = (threads: World): void => {
      if (threads.b.tryAcquire() !== REFUSED) threads.taken++;
    };
    interleave(world, [({ main }) => main.forgetThread(1), probe, probe], ({ main, taken }) => {
      expect(main.snapshot().halfOpenInFlight).toBe(taken);
      expect(taken).toBeLessThanOrEqual(2);
      expect(main.snapshot().totals.excluded).toBe(1);
    });
  });

  it('gives back no more than was taken by a thread that died at any step of taking or settling', () => {
    const death = new Error('terminated');
    for (const step of ['acquire', 'settle'] as const) {
      for (let operation = 0, more = true; more; operation++) {
        const { main, a, b, clock } = due({ successThreshold: 9 });
        const permit = step === 'settle' ? a.tryAcquire() : REFUSED;
        b.tryAcquire();
        more = false;
        try {
          more = cut(
            a,
            () => void (step === 'acquire' ? a.tryAcquire() : a.settle(permit, 'success')),
            operation,
            () => {
              throw death;
            },
          );
        } catch (error) {
          if (error !== death) throw error;
          more = true;
        }
        main.forgetThread(1);
        const { halfOpenInFlight } = main.snapshot();
        expect(halfOpenInFlight).toBeGreaterThanOrEqual(1);
        // What is not given back, the lease gives back.
        clock.advance(500);
        main.tryAcquire();
        clock.advance(1000);
        expect(main.tryAcquire()).not.toBe(REFUSED);
      }
    }
  });

  it('is refused for this thread and for one that there is not', () => {
    const { main } = due();
    for (const index of [0, 3, -1, 0.5]) expect(() => main.forgetThread(index)).toThrow('index');
  });

  it('gives back the probe of a real thread that was killed, long before its lease is over', async () => {
    const shape = {
      ...RULES,
      halfOpenRequests: 1,
      openTimeoutMs: 1,
      halfOpenTimeoutMs: 60_000,
      name: 'dying',
    };
    const memory = sharedWords(wordsNeeded({ ...shape, thread: at(0) }));
    const main = new CircuitBreaker({ ...shape, memory, thread: at(0) });
    main.settle(main.tryAcquire(), 'failure');
    const assignment: Assignment = {
      task: 'take a probe',
      options: { ...shape, memory, thread: at(1) },
      probes: sharedWords(1),
      calls: 0,
      until: 0,
      seed: 1,
    };
    const worker = new Worker(new URL('./stressing-thread.ts', import.meta.url), { workerData: assignment });
    await once(worker, 'message');
    expect(main.tryAcquire()).toBe(REFUSED);
    await worker.terminate();
    main.forgetThread(1);
    expect(main.settle(main.tryAcquire(), 'success')).toBe(true);
    expect(main.state).toBe('CLOSED');
  });
});

describe('what other threads are told', () => {
  it('is how long the last time from open to closed was', () => {
    const { main, a, b, clock } = due();
    expect(main.lastRecoveryMs()).toBeNull();
    clock.advance(234);
    b.settle(b.tryAcquire(), 'success');
    expect([main.lastRecoveryMs(), main.snapshot().lastRecoveryMs]).toEqual([1234, 1234]);
    // It stays while it is open again.
    a.settle(a.tryAcquire(), 'failure');
    expect(main.lastRecoveryMs()).toBe(1234);
  });

  it('is how often it would have opened', () => {
    const { main, a, clock } = due({ mode: 'observe' });
    expect(main.snapshot().wouldOpens).toBe(1);
    a.settle(a.tryAcquire(), 'failure');
    clock.advance(1000);
    expect(main.snapshot()).toMatchObject({ state: 'CLOSED', wouldOpens: 2 });
    expect(due().main.snapshot()).not.toHaveProperty('wouldOpens');
  });

  it('is known without them too', () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({ name: 'x', clock, ...RULES });
    breaker.settle(breaker.tryAcquire(), 'failure');
    clock.advance(1500);
    breaker.settle(breaker.tryAcquire(), 'success');
    expect(breaker.lastRecoveryMs()).toBe(1500);
  });
});
