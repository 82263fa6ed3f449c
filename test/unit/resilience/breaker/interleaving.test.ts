import { describe, expect, it, vi } from 'vitest';
import { type Permit, REFUSED } from '../../../../src/resilience/index.ts';
import { interleave, settle, Threads } from './thread-world.ts';

vi.mock('../../../../src/resilience/breaker/memory.ts', async (original) => {
  const { watched } = await import('./watched-memory.ts');
  return watched(await original());
});

describe('threads that meet at any memory operation', () => {
  it.each([
    ['in a row', {}],
    ['in a time window', { window: { type: 'time', durationMs: 1000 } }],
    ['in a count window', { window: { type: 'count', size: 5 } }],
  ] as const)('open once at the last failure %s', (_name, options) => {
    interleave(
      () => new Threads(options).fail(1),
      [
        ({ a }) => settle(a, 'failure', 2),
        ({ b }) => settle(b, 'failure', 3),
        ({ c }) => settle(c, 'failure', 1),
      ],
      ({ a, story }) => {
        expect(story).toEqual(['CLOSED>OPEN']);
        const { state, transitions, failureCount, retryAfterMs, openedAt } = a.snapshot();
        expect([state, transitions, retryAfterMs, openedAt !== null]).toEqual(['OPEN', 1, 1000, true]);
        expect(failureCount).toBeGreaterThanOrEqual(3);
      },
    );
  });

  it.each([1, 2])('give away %d probes, no more and no less, and half-open once', (halfOpenRequests) => {
    interleave(
      () => ({ world: new Threads({ halfOpenRequests, successThreshold: 5 }).due(), given: [] as Permit[] }),
      [
        ({ world, given }) => given.push(world.a.tryAcquire()),
        ({ world, given }) => given.push(world.b.tryAcquire()),
        ({ world, given }) => given.push(world.c.tryAcquire()),
      ],
      ({ world, given }) => {
        expect(given.filter((permit) => permit !== REFUSED)).toHaveLength(halfOpenRequests);
        expect(world.story).toEqual(['OPEN>HALF_OPEN']);
        expect(world.a.snapshot().halfOpenInFlight).toBe(halfOpenRequests);
      },
    );
  });

  it('give away one probe after a long rest in half-open, and do not take it for a lost one', () => {
    interleave(
      () => {
        const world = new Threads().due();
        settle(world.a, 'excluded');
        world.clock.advance(1e6);
        world.told.length = 0;
        return { world, given: [] as Permit[] };
      },
      [
        ({ world, given }) => given.push(world.a.tryAcquire()),
        ({ world, given }) => given.push(world.b.tryAcquire()),
        ({ world, given }) => given.push(world.c.tryAcquire()),
      ],
      ({ world, given }) => {
        expect(given.filter((permit) => permit !== REFUSED)).toHaveLength(1);
        expect(world.story).toEqual([]);
      },
    );
  });

  it('end half-open once, whichever probe decides', () => {
    interleave(
      () => {
        const world = new Threads({ halfOpenRequests: 3 }).due();
        const probes = [world.a.tryAcquire(), world.b.tryAcquire(), world.c.tryAcquire()];
        world.told.length = 0;
        return { world, probes };
      },
      [
        ({ world, probes }) => world.a.settle(probes[0]!, 'failure'),
        ({ world, probes }) => world.b.settle(probes[1]!, 'success'),
        ({ world, probes }) => world.c.settle(probes[2]!, 'failure'),
      ],
      ({ world }) => {
        expect(world.told).toHaveLength(1);
        expect(world.told[0]?.to).toBe(world.a.state);
        expect(world.a.snapshot().halfOpenInFlight).toBe(0);
      },
    );
  });

  it('open once when a lost probe comes back while others find it lost', () => {
    interleave(
      () => {
        const world = new Threads().due();
        const probe = world.a.tryAcquire();
        world.clock.advance(500);
        world.told.length = 0;
        return { world, probe, said: [] as unknown[] };
      },
      [
        ({ world, said }) => said.push(world.b.tryAcquire()),
        ({ world, probe, said }) => said.push(world.a.settle(probe, 'success')),
        ({ world, said }) => said.push(world.c.tryAcquire()),
      ],
      ({ world, said }) => {
        expect(said.every((answer) => answer === false || answer === REFUSED)).toBe(true);
        expect(world.story).toEqual(['HALF_OPEN>OPEN']);
      },
    );
  });

  it('do not end the lease of a probe that began while another thread found the one before lost', () => {
    interleave(
      () => {
        const world = new Threads({ halfOpenRequests: 2 }).due();
        const first = world.a.tryAcquire();
        world.told.length = 0;
        return { world, first, begun: [] as { permit: Permit; at: number }[] };
      },
      [
        ({ world }) => world.a.tryAcquire(),
        ({ world, first }) => {
          // In time, but then the clock goes on past its lease.
          world.b.settle(first, 'excluded');
          world.clock.advance(500);
        },
        ({ world, begun }) => begun.push({ permit: world.c.tryAcquire(), at: world.clock.now() }),
      ],
      ({ world, begun }) => {
        const [probe] = begun;
        const fresh = probe?.permit !== REFUSED && probe?.at === world.clock.now();
        if (fresh) expect(world.story).toEqual([]);
        else expect(world.story.length).toBeLessThanOrEqual(1);
      },
    );
  });

  it.each([
    ['no window', {}],
    ['a time window', { window: { type: 'time', durationMs: 1000 } }],
    ['a count window', { window: { type: 'count', size: 3 } }],
  ] as const)(
    'keep what belongs to the old generation out of the new one, and lose nothing of it (%s)',
    (_name, options) => {
      for (const outcome of ['success', 'failure'] as const) {
        interleave(
          () => {
            const world = new Threads({ ...options, failureThreshold: 10 }).fail(2);
            return { world, permits: [world.a.tryAcquire(), world.b.tryAcquire()] };
          },
          [
            ({ world, permits }) => world.a.settle(permits[0]!, outcome),
            ({ world, permits }) => world.b.settle(permits[1]!, outcome),
            ({ world }) => {
              world.c.reset();
              settle(world.c, 'failure');
              settle(world.c, 'failure');
            },
          ],
          ({ world }) => {
            const { failureCount, consecutiveFailures, requestCount } = world.a.snapshot();
            expect([failureCount, consecutiveFailures]).toEqual([2, 2]);
            if ('window' in options) expect(requestCount).toBe(2);
            expect(world.told).toEqual([]);
          },
        );
      }
    },
  );

  it('replace what a full count window holds without losing or inventing a failure', () => {
    for (const [before, after] of [
      ['success', 'failure'],
      ['failure', 'success'],
      ['failure', 'failure'],
    ] as const) {
      interleave(
        () => {
          const world = new Threads({ failureThreshold: 100, window: { type: 'count', size: 3 } });
          for (let call = 0; call < 3; call++) settle(world.a, before);
          return world;
        },
        [({ a }) => settle(a, after), ({ b }) => settle(b, after), ({ c }) => settle(c, after)],
        ({ a }) =>
          expect(a.snapshot()).toMatchObject({ failureCount: after === 'failure' ? 3 : 0, requestCount: 3 }),
      );
    }
  });

  it.each([1, 3, 256])('begin a bucket anew after %d laps, and keep every call of the new lap', (laps) => {
    interleave(
      () => {
        const world = new Threads({
          failureThreshold: 100,
          window: { type: 'time', durationMs: 1000, buckets: 2 },
        });
        world.fail(7).clock.advance(1000 * laps);
        return world;
      },
      [({ a }) => settle(a, 'failure'), ({ b }) => settle(b, 'failure'), ({ c }) => settle(c, 'success')],
      ({ a }) => expect(a.snapshot()).toMatchObject({ failureCount: 2, requestCount: 3 }),
    );
  });

  it('lose no call of a new lap to a thread that stood still since the old one', () => {
    interleave(
      () =>
        new Threads({ failureThreshold: 100, window: { type: 'time', durationMs: 1000, buckets: 1 } }).fail(
          2,
        ),
      [
        ({ a }) => settle(a, 'failure'),
        ({ b, clock }) => {
          clock.advance(1000);
          settle(b, 'failure');
          settle(b, 'failure');
        },
      ],
      ({ a }) => {
        const { failureCount, requestCount } = a.snapshot();
        // Two of b, and a's own if it looked at the clock only then.
        expect([2, 3]).toContain(failureCount);
        expect(requestCount).toBeGreaterThanOrEqual(failureCount);
      },
    );
  });

  it('let a success end a row, or the row open the breaker, never both', () => {
    interleave(
      () => new Threads().fail(2),
      [({ a }) => settle(a, 'success'), ({ b }) => settle(b, 'failure'), ({ c }) => settle(c, 'success')],
      ({ a, story }) => {
        const { state, consecutiveFailures } = a.snapshot();
        if (state === 'OPEN') expect(story).toEqual(['CLOSED>OPEN']);
        else expect(consecutiveFailures).toBeLessThan(2);
      },
    );
  });

  it('leave it forced when an operator and a failure open it together', () => {
    interleave(
      () => new Threads().fail(2),
      [({ a }) => a.forceOpen(), ({ b }) => settle(b, 'failure'), ({ c }) => settle(c, 'failure')],
      ({ a, story }) => {
        expect([a.state, a.forced]).toEqual(['OPEN', 'open']);
        expect(story).toEqual(['CLOSED>OPEN']);
      },
    );
  });

  it('count every call once in the totals and times', () => {
    interleave(
      () => new Threads(),
      [
        ({ a }) => settle(a, 'success', 5),
        ({ b }) => settle(b, 'success', 1),
        ({ c }) => settle(c, 'success', 9),
      ],
      ({ a }) =>
        expect(a.snapshot()).toMatchObject({
          totals: { successes: 3 },
          minMs: 1,
          avgMs: 5,
          maxMs: 9,
          requestCount: 3,
        }),
    );
  });
});
