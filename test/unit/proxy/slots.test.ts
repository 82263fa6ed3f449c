import { describe, expect, it } from 'vitest';
import { Slots } from '../../../src/proxy/slots.ts';
import { Bulkhead, BulkheadFullError, BulkheadQueueTimeoutError } from '../../../src/resilience/index.ts';
import { FakeTime, settled } from '../../helpers/fake-time.ts';

function bulkhead(name: string, options: { maxConcurrent?: number; queue?: number; timer?: FakeTime } = {}) {
  return new Bulkhead({ name, maxConcurrent: 1, ...options });
}

/** Slots, and what they were told. */
function taking(pool: Bulkhead | null, own: Bulkhead | null, named = false) {
  const slots = new Slots(pool, own, named);
  const told: unknown[] = [];
  const waits = slots.take(
    () => told.push('taken'),
    (error) => told.push(error),
  );
  return { slots, told, waits };
}

const use = (...bulkheads: Bulkhead[]) => bulkheads.map(({ inUse, queued }) => [inUse, queued]);

describe('the slots of a call', () => {
  it('where there is no bulkhead cost nothing', () => {
    expect(taking(null, null)).toMatchObject({ told: ['taken'], waits: false });
  });

  it('are one of the route’s pool and one of the upstream, at once when both are free', () => {
    const [pool, own] = [bulkhead('pool'), bulkhead('own')];
    const { slots, told, waits } = taking(pool, own);
    expect([told, waits]).toEqual([['taken'], false]);
    expect(use(pool, own)).toEqual([
      [1, 0],
      [1, 0],
    ]);
    slots.release();
    slots.release();
    expect(use(pool, own)).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('of a pool that route and upstream share is one', () => {
    const pool = bulkhead('pool', { maxConcurrent: 2 });
    const { slots } = taking(pool, pool);
    expect(pool.inUse).toBe(1);
    slots.release();
    expect(pool.inUse).toBe(0);
  });

  it('that are not there are refused, and what was taken is given back', async () => {
    const [pool, own] = [bulkhead('pool'), bulkhead('own')];
    own.tryAcquire();
    const { slots, told, waits } = taking(pool, own);
    expect([told, waits]).toEqual([[], true]);
    await settled();
    expect(told).toEqual([expect.any(BulkheadFullError)]);
    slots.release();
    expect(use(pool, own)).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  it('of the upstream are not taken while the call waits for its route’s pool', async () => {
    const [pool, own] = [bulkhead('pool', { queue: 1 }), bulkhead('own')];
    pool.tryAcquire();
    const { told } = taking(pool, own);
    await settled();
    expect(use(pool, own)).toEqual([
      [1, 1],
      [0, 0],
    ]);
    pool.release();
    await settled();
    expect(told).toEqual(['taken']);
    expect(use(pool, own)).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  it('of two named pools are taken in one order, whichever is the route’s: nobody waits in a circle', async () => {
    const [a, b] = [bulkhead('a', { queue: 1 }), bulkhead('b')];
    a.tryAcquire();
    const { told } = taking(b, a, true);
    expect(use(a, b)).toEqual([
      [1, 1],
      [0, 0],
    ]);
    a.release();
    await settled();
    expect(told).toEqual(['taken']);
  });

  it('are not waited for any longer than the queue’s time', async () => {
    const time = new FakeTime();
    const own = bulkhead('own', { queue: 1, timer: time });
    own.tryAcquire();
    const { told } = taking(null, own);
    await time.advance(1000);
    expect(told).toEqual([expect.any(BulkheadQueueTimeoutError)]);
    expect(use(own)).toEqual([[1, 0]]);
  });

  it('are left by whoever gives up in the line, who hears nothing more', async () => {
    const [pool, own] = [bulkhead('pool'), bulkhead('own', { queue: 1 })];
    own.tryAcquire();
    const { slots, told } = taking(pool, own);
    await settled();
    slots.release();
    await settled();
    expect(told).toEqual([]);
    expect(use(pool, own)).toEqual([
      [0, 0],
      [1, 0],
    ]);
  });

  it('go back when the call gave up between their grant and the news of it', async () => {
    const own = bulkhead('own', { queue: 1 });
    own.tryAcquire();
    const { slots, told } = taking(null, own);
    await settled();
    own.release();
    slots.release();
    await settled();
    expect(told).toEqual([]);
    expect(use(own)).toEqual([[0, 0]]);
  });
});
