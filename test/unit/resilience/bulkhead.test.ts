import { describe, expect, it } from 'vitest';
import { bulkheadWords } from '../../../src/resilience/bulkhead/shared-slots.ts';
import { Bulkhead, type BulkheadOptions } from '../../../src/resilience/bulkhead.ts';
import { BulkheadFullError, BulkheadQueueTimeoutError } from '../../../src/resilience/errors.ts';
import { FakeTime, settled } from '../../helpers/fake-time.ts';
import { abortListeners } from '../../helpers/listener-count.ts';
import { sharedWords } from '../../helpers/shared-words.ts';

type Kind = 'private' | 'shared';

const bulkheadOf =
  (kind: Kind) =>
  (options: Partial<BulkheadOptions> = {}): { slots: Bulkhead; time: FakeTime } => {
    const time = new FakeTime();
    const memory = kind === 'shared' ? sharedWords(bulkheadWords(1)) : undefined;
    return { time, slots: new Bulkhead({ name: 'db', maxConcurrent: 2, timer: time, memory, ...options }) };
  };

/** Notes who got in, in which order. */
function entrances(slots: Bulkhead): {
  enter: (who: string, signal?: AbortSignal) => Promise<void>;
  order: string[];
} {
  const order: string[] = [];
  return { order, enter: (who, signal) => slots.acquire({ signal }).then(() => void order.push(who)) };
}

describe.each<Kind>(['private', 'shared'])('in %s memory', (kind) => {
  const bulkhead = bulkheadOf(kind);
  describe('the slots of a bulkhead', () => {
    it('are as many as it says', () => {
      const { slots } = bulkhead({ maxConcurrent: 3 });
      expect([1, 2, 3, 4].map(() => slots.tryAcquire())).toEqual([true, true, true, false]);
      expect(slots.inUse).toBe(3);
    });

    it('come back by release', () => {
      const { slots } = bulkhead({ maxConcurrent: 1 });
      slots.tryAcquire();
      slots.release();
      expect(slots.inUse).toBe(0);
      expect(slots.tryAcquire()).toBe(true);
    });

    it('cannot be released twice', () => {
      const { slots } = bulkhead();
      slots.tryAcquire();
      slots.release();
      expect(() => slots.release()).toThrow(/"db".*release once/);
      expect(slots.inUse).toBe(0);
    });

    it('are refused at once when there is no queue', async () => {
      const { slots } = bulkhead({ maxConcurrent: 1 });
      slots.tryAcquire();
      const refusal = slots.acquire();
      await expect(refusal).rejects.toBeInstanceOf(BulkheadFullError);
      await expect(refusal).rejects.toMatchObject({ code: 'BULKHEAD_FULL', bulkhead: 'db' });
      expect(slots.snapshot().rejected).toBe(1);
    });
  });

  describe('the line before a bulkhead', () => {
    it('lets in first who came first', async () => {
      const { slots } = bulkhead({ maxConcurrent: 1, queue: 3 });
      const { enter, order } = entrances(slots);
      await enter('first');
      const waiting = [enter('second'), enter('third'), enter('fourth')];
      expect(slots.queued).toBe(3);
      for (const _ of waiting) {
        slots.release();
        await settled();
      }
      expect(order).toEqual(['first', 'second', 'third', 'fourth']);
      expect(slots.snapshot()).toMatchObject({ inUse: 1, queued: 0 });
    });

    it('cannot be overtaken between a release and the moment the next one runs', async () => {
      const { slots } = bulkhead({ maxConcurrent: 1, queue: 1 });
      slots.tryAcquire();
      const second = slots.acquire();
      slots.release();
      expect(slots.tryAcquire()).toBe(false);
      await second;
      expect(slots.inUse).toBe(1);
    });

    it('is bounded', async () => {
      const { slots } = bulkhead({ maxConcurrent: 1, queue: 1 });
      slots.tryAcquire();
      const waits = slots.acquire();
      await expect(slots.acquire()).rejects.toBeInstanceOf(BulkheadFullError);
      slots.release();
      await waits;
    });

    it('is left after the timeout, exactly then', async () => {
      const { slots, time } = bulkhead({ maxConcurrent: 1, queue: 2, queueTimeoutMs: 100 });
      slots.tryAcquire();
      const waits = slots.acquire();
      let ended = false;
      waits.catch(() => {
        ended = true;
      });
      await time.advance(99);
      expect(ended).toBe(false);
      await time.advance(1);
      await expect(waits).rejects.toBeInstanceOf(BulkheadQueueTimeoutError);
      await expect(waits).rejects.toMatchObject({ code: 'BULKHEAD_QUEUE_TIMEOUT' });
      expect(slots.snapshot()).toMatchObject({ inUse: 1, queued: 0, timedOut: 1 });
    });

    it('is left by whoever gives up, who takes no slot any more', async () => {
      const { slots, time } = bulkhead({ maxConcurrent: 1, queue: 2 });
      const { enter, order } = entrances(slots);
      await enter('first');
      const caller = new AbortController();
      const gone = enter('gone', caller.signal);
      const stays = enter('stays');
      caller.abort(new Error('enough'));
      await expect(gone).rejects.toThrow('enough');
      expect(slots.queued).toBe(1);
      slots.release();
      await stays;
      expect(order).toEqual(['first', 'stays']);
      expect(time.pending).toBe(0);
    });

    it('leaves neither timers nor listeners behind, however a wait ends', async () => {
      const { slots, time } = bulkhead({ maxConcurrent: 1, queue: 3, queueTimeoutMs: 50 });
      const { signal } = new AbortController();
      slots.tryAcquire();
      const enters = slots.acquire({ signal });
      const late = slots.acquire({ signal });
      late.catch(() => {});
      expect(abortListeners(signal)).toBe(2);
      slots.release();
      await enters;
      expect(time.pending).toBe(1);
      await time.advance(50);
      await expect(late).rejects.toThrow();
      expect(time.pending).toBe(0);
      expect(abortListeners(signal)).toBe(0);
    });

    it('is not joined by whoever has given up already', async () => {
      const { slots } = bulkhead({ maxConcurrent: 1 });
      await expect(slots.acquire({ signal: AbortSignal.abort('gone') })).rejects.toBe('gone');
      expect(slots.inUse).toBe(0);
    });
  });

  describe('Bulkhead.execute', () => {
    it('gives the slot back after a result, an error and an error thrown at once', async () => {
      const { slots } = bulkhead({ maxConcurrent: 1 });
      await expect(slots.execute(async () => slots.inUse)).resolves.toBe(1);
      await expect(slots.execute(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
      await expect(
        slots.execute(() => {
          throw new Error('at once');
        }),
      ).rejects.toThrow('at once');
      expect(slots.inUse).toBe(0);
    });

    it('does not begin work for a caller that gave up just when the slot was granted', async () => {
      const { slots } = bulkhead({ maxConcurrent: 1, queue: 1 });
      slots.tryAcquire();
      const caller = new AbortController();
      let began = false;
      const call = slots.execute(
        () => {
          began = true;
        },
        { signal: caller.signal },
      );
      slots.release();
      caller.abort('gone');
      await expect(call).rejects.toBe('gone');
      expect(began).toBe(false);
      expect(slots.inUse).toBe(0);
    });

    it('answers a caller that gives up at once, but keeps the slot until the work has ended', async () => {
      const { slots } = bulkhead({ maxConcurrent: 1 });
      const caller = new AbortController();
      const work = Promise.withResolvers<void>();
      const call = slots.execute(() => work.promise, { signal: caller.signal });
      await settled();
      caller.abort('gone');
      await expect(call).rejects.toBe('gone');
      expect(slots.inUse).toBe(1);
      // vitest fails the run on an unhandled rejection.
      work.reject(new Error('late'));
      await settled();
      expect(slots.inUse).toBe(0);
      expect(abortListeners(caller.signal)).toBe(0);
    });

    it('never lets more run than there are slots, and serves everybody', async () => {
      const { slots } = bulkhead({ maxConcurrent: 3, queue: 100 });
      let running = 0;
      let most = 0;
      const work = async (): Promise<void> => {
        running++;
        most = Math.max(most, running);
        await settled();
        running--;
      };
      await Promise.all(Array.from({ length: 50 }, () => slots.execute(work)));
      expect(most).toBe(3);
      expect(slots.snapshot()).toMatchObject({ inUse: 0, queued: 0, rejected: 0 });
    });
  });
});

it.each([
  [{ maxConcurrent: 0 }, 'maxConcurrent'],
  [{ maxConcurrent: 1.5 }, 'maxConcurrent'],
  [{ queue: -1 }, 'queue'],
  [{ queueTimeoutMs: 0 }, 'queueTimeoutMs'],
  [{ queueTimeoutMs: Number.NaN }, 'queueTimeoutMs'],
])('Bulkhead refuses %o', (options, name) => {
  expect(() => bulkheadOf('private')(options)).toThrow(name);
});

it.each([
  [{ memory: new Int32Array(bulkheadWords(1)) }, 'SharedArrayBuffer'],
  [{ memory: sharedWords(bulkheadWords(1) - 1) }, '8 words'],
  [{ memory: sharedWords(bulkheadWords(1)), queue: 2 ** 20 }, 'queue'],
  [{ memory: sharedWords(bulkheadWords(2)), thread: { index: 2, count: 2 } }, 'thread.index'],
])('Bulkhead refuses memory that cannot be meant (%o)', (options, name) => {
  expect(() => bulkheadOf('private')(options)).toThrow(name);
});
