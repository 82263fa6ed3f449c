import { describe, expect, it } from 'vitest';
import {
  BreakerOpenError,
  Bulkhead,
  BulkheadFullError,
  TimeoutError,
} from '../../../../src/resilience/index.ts';
import { FakeTime } from '../../../helpers/fake-time.ts';
import { BreakerKit } from './breaker-kit.ts';

const down = new Error('down');
const fails = (): Promise<never> => Promise.reject(down);

describe('execute', () => {
  it('gives the result of the work, synchronous or not, and counts a success', async () => {
    const kit = new BreakerKit();
    expect(await kit.breaker.execute(async () => 1)).toBe(1);
    expect(await kit.breaker.execute(() => 2)).toBe(2);
    // biome-ignore lint/suspicious/noThenProperty: promises of other libraries are supported
    const foreign = { then: (done: (value: number) => void) => done(3) } as PromiseLike<number>;
    expect(await kit.breaker.execute(() => foreign)).toBe(3);
    expect(kit.breaker.snapshot().totals.successes).toBe(3);
  });

  it('passes errors on, thrown or rejected, and never throws itself', async () => {
    const kit = new BreakerKit();
    await expect(kit.breaker.execute(fails)).rejects.toBe(down);
    const promise = kit.breaker.execute(() => {
      throw down;
    });
    await expect(promise).rejects.toBe(down);
    expect(kit.breaker.snapshot()).toMatchObject({ failureCount: 2 });
  });

  it('refuses while open, without calling', async () => {
    const kit = new BreakerKit({ failureThreshold: 1, openTimeoutMs: 1000 });
    await expect(kit.breaker.execute(fails)).rejects.toBe(down);
    let called = false;
    const refusal = kit.breaker.execute(() => {
      called = true;
    });
    await expect(refusal).rejects.toMatchObject({
      name: 'BreakerOpenError',
      code: 'CIRCUIT_BREAKER_OPEN',
      breaker: 'service',
      retryAfterMs: 1000,
    });
    expect(called).toBe(false);
  });

  it('settles a probe on every way out', async () => {
    for (const [work, state] of [
      [async () => 1, 'CLOSED'],
      [fails, 'OPEN'],
      [
        () => {
          throw down;
        },
        'OPEN',
      ],
    ] as const) {
      const kit = new BreakerKit({ failureThreshold: 1, openTimeoutMs: 1000 });
      kit.fail(1);
      kit.clock.advance(1000);
      await kit.breaker.execute<unknown>(work).catch(() => {});
      expect(kit.breaker.state).toBe(state);
    }
  });

  it('keeps each call to its generation, also when many share the way they are settled', async () => {
    const kit = new BreakerKit({ failureThreshold: 1, openTimeoutMs: 1000 });
    await Promise.all(Array.from({ length: 300 }, () => kit.breaker.execute(async () => 1)));
    const late = Promise.withResolvers<void>();
    const call = kit.breaker.execute(() => late.promise);
    kit.fail(1);
    kit.clock.advance(1000);
    await kit.breaker.execute(async () => 1);
    await Promise.all(Array.from({ length: 300 }, () => kit.breaker.execute(async () => 1)));
    late.reject(down);
    await expect(call).rejects.toBe(down);
    expect(kit.breaker.snapshot()).toMatchObject({
      state: 'CLOSED',
      failureCount: 0,
      totals: { successes: 601 },
    });
  });

  it('judges errors by the predicates', async () => {
    class NotFound extends Error {}
    class Cancelled extends Error {}
    const kit = new BreakerKit({
      isFailure: (error) => !(error instanceof NotFound),
      isExcluded: (error) => error instanceof Cancelled,
    });
    for (const error of [new NotFound(), new Cancelled(), down, new TimeoutError(5)]) {
      await expect(kit.breaker.execute(() => Promise.reject(error))).rejects.toBe(error);
    }
    expect(kit.breaker.snapshot().totals).toMatchObject({
      successes: 1,
      excluded: 1,
      failures: 2,
      timeouts: 1,
    });
  });

  it('takes an error for a failure when a predicate throws, and passes the error on', async () => {
    const kit = new BreakerKit({
      isFailure: () => {
        throw new Error('predicate');
      },
    });
    await expect(kit.breaker.execute(fails)).rejects.toBe(down);
    expect(kit.breaker.snapshot().totals.failures).toBe(1);
  });

  it('does not blame the service when a policy inside refuses', async () => {
    const kit = new BreakerKit();
    const inner = new BreakerKit();
    inner.breaker.forceOpen();
    await expect(kit.breaker.execute(() => inner.breaker.execute(fails))).rejects.toThrow(BreakerOpenError);
    const bulkhead = new Bulkhead({ name: 'full', maxConcurrent: 1 });
    bulkhead.tryAcquire();
    await expect(kit.breaker.execute(() => bulkhead.execute(fails))).rejects.toThrow(BulkheadFullError);
    expect(kit.breaker.snapshot().totals).toMatchObject({ failures: 0, excluded: 2 });
  });

  it('gives up after requestTimeoutMs, tells the work, and counts a timeout', async () => {
    const time = new FakeTime();
    const kit = new BreakerKit({ requestTimeoutMs: 50, clock: time, timer: time });
    let told: AbortSignal | undefined;
    const call = kit.breaker.execute((signal) => {
      told = signal;
      return new Promise(() => {});
    });
    const outcome = expect(call).rejects.toThrow(TimeoutError);
    await time.advance(50);
    await outcome;
    expect(told?.aborted).toBe(true);
    expect(kit.breaker.snapshot().totals).toMatchObject({ failures: 1, timeouts: 1 });
  });

  it('answers an aborted caller at once with its reason, and excludes the call', async () => {
    const kit = new BreakerKit({ failureThreshold: 1 });
    const controller = new AbortController();
    const call = kit.breaker.execute(() => new Promise(() => {}), { signal: controller.signal });
    const reason = new Error('gone');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(kit.breaker.execute(fails, { signal: controller.signal })).rejects.toBe(reason);
    expect(kit.breaker.snapshot()).toMatchObject({ state: 'CLOSED', totals: { excluded: 1, failures: 0 } });
  });

  it('gives work that looks for it a signal, even without a caller’s', async () => {
    const kit = new BreakerKit();
    const signals = new Set<AbortSignal>();
    for (let call = 0; call < 2; call++) await kit.breaker.execute((signal) => void signals.add(signal));
    expect([...signals].map((signal) => signal.aborted)).toEqual([false, false]);
  });

  it('leaves no listener on the caller’s signal', async () => {
    const kit = new BreakerKit({ failureThreshold: 100 });
    const { signal } = new AbortController();
    let listening = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = function (this: AbortSignal, ...args: never) {
      listening++;
      return Reflect.apply(addEventListener, this, args);
    } as never;
    signal.removeEventListener = function (this: AbortSignal, ...args: never) {
      listening--;
      return Reflect.apply(removeEventListener, this, args);
    } as never;
    await kit.breaker.execute(async () => 1, { signal });
    await kit.breaker.execute(fails, { signal }).catch(() => {});
    expect(listening).toBe(0);
  });

  it('times the first hundred calls, and all where somebody looks', async () => {
    const kit = new BreakerKit();
    const work = (ms: number) => async (): Promise<void> => kit.clock.advance(ms);
    await kit.breaker.execute(work(4));
    await kit.breaker.execute(work(8));
    expect(kit.breaker.snapshot()).toMatchObject({ minMs: 4, avgMs: 6, maxMs: 8 });
    for (let call = 0; call < 100; call++) await kit.breaker.execute(work(1));
    const durations: (number | undefined)[] = [];
    kit.breaker.on('call', ({ durationMs }) => durations.push(durationMs));
    for (let call = 0; call < 20; call++) await kit.breaker.execute(work(2));
    expect(durations).toEqual(Array.from({ length: 20 }, () => 2));
  });
});

describe('execute with failFast: false', () => {
  const make = (fallbackValue?: unknown) =>
    new BreakerKit({ failFast: false, failureThreshold: 2, fallbackValue });

  it('answers the value instead of errors and refusals, and still counts them', async () => {
    const kit = make('none');
    expect(await kit.breaker.execute(async () => 'live')).toBe('live');
    for (let call = 0; call < 4; call++) expect(await kit.breaker.execute(fails)).toBe('none');
    expect(kit.breaker.snapshot()).toMatchObject({ state: 'OPEN', totals: { failures: 2, rejections: 2 } });
  });

  it('asks a function for the value, or has none', async () => {
    let made = 0;
    const kit = make(() => ++made);
    expect([await kit.breaker.execute(fails), await kit.breaker.execute(fails)]).toEqual([1, 2]);
    expect(await make().breaker.execute(fails)).toBeUndefined();
  });

  it('still tells a caller that gave up its own reason', async () => {
    const signal = AbortSignal.abort(new Error('gone'));
    await expect(make(1).breaker.execute(fails, { signal })).rejects.toThrow('gone');
  });
});
