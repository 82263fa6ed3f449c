import { describe, expect, it, vi } from 'vitest';
import { REFUSED } from '../../../../src/resilience/index.ts';
import { cut, type Step, settle, Threads } from './thread-world.ts';

vi.mock('../../../../src/resilience/breaker/memory.ts', async (original) => {
  const { watched } = await import('./watched-memory.ts');
  return watched(await original());
});

describe('a thread that dies at any memory operation', () => {
  const death = new Error('terminated');

  it.each<[string, Step<Threads>, Step<Threads>]>([
    ['while opening', (world) => world.fail(2), ({ a }) => settle(a, 'failure')],
    ['while asking for a probe', (world) => world.due(), ({ a }) => a.tryAcquire()],
    ['with a probe', (world) => world.due(), ({ a }) => settle(a, 'failure')],
    ['while closing', (world) => world.due(), ({ a }) => settle(a, 'success')],
    ['while forcing it open', (world) => world.fail(1), ({ a }) => a.forceOpen()],
    ['while releasing it', (world) => world.a.forceOpen(), ({ a }) => a.release()],
    ['while resetting it', (world) => world.fail(3), ({ a }) => a.reset()],
  ])('%s leaves a breaker that recovers for the others', (_name, prepare, step) => {
    for (let operation = 0, more = true; more; operation++) {
      const world = new Threads({ window: { type: 'count', size: 10 } });
      prepare(world);
      more = false;
      try {
        more = cut(world, step, operation, () => {
          throw death;
        });
      } catch (error) {
        if (error !== death) throw error;
        more = true;
      }
      if (world.b.forced !== null) world.b.release();
      for (let attempt = 0; attempt < 4 && world.b.state !== 'CLOSED'; attempt++) {
        world.clock.advance(1000);
        const permit = world.b.tryAcquire();
        if (permit !== REFUSED) world.b.settle(permit, 'success');
      }
      expect(world.b.state).toBe('CLOSED');
      for (let call = 0; call < 3; call++) settle(world.c, 'failure');
      expect(world.b.state).toBe('OPEN');
    }
  });
});
