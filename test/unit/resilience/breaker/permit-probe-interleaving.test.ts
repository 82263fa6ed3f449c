import { describe, expect, it, vi } from 'vitest';
import { type Permit, REFUSED } from '../../../../src/resilience/index.ts';
import { interleave, Threads } from './thread-world.ts';

vi.mock('../../../../src/resilience/breaker/memory.ts', async (original) => {
  const { watched } = await import('./watched-memory.ts');
  return watched(await original());
});

describe('threads of which one permits a probe', () => {
  it('end the open time that it saw, never the lease of a probe that another thread has begun meanwhile', () => {
    interleave(
      () => ({ world: new Threads().fail(3), given: [] as Permit[] }),
      [
        ({ world }) => world.a.permitProbe(),
        ({ world, given }) => {
          world.clock.advance(1000);
          given.push(world.b.tryAcquire());
        },
        ({ world }) => world.c.permitProbe(),
      ],
      ({ world, given }) => {
        expect(given).not.toContain(REFUSED);
        world.clock.advance(499);
        expect(world.b.settle(given[0]!, 'success')).toBe(true);
        expect(world.a.state).toBe('CLOSED');
      },
    );
  });

  it('give away one probe when several permit it', () => {
    interleave(
      () => ({ world: new Threads().fail(3), said: [] as boolean[], given: [] as Permit[] }),
      [
        ({ world, said, given }) => {
          said.push(world.a.permitProbe());
          given.push(world.a.tryAcquire());
        },
        ({ world, said, given }) => {
          said.push(world.b.permitProbe());
          given.push(world.b.tryAcquire());
        },
        ({ world, said }) => said.push(world.c.permitProbe()),
      ],
      ({ said, given }) => {
        expect(said.filter(Boolean)).toHaveLength(1);
        expect(given.filter((permit) => permit !== REFUSED).length).toBeLessThanOrEqual(1);
      },
    );
  });
});
