import { describe, expect, it } from 'vitest';
import { countWorkers } from '../../../src/workers/count-workers.ts';

/** How many there are on such a machine, and what the log says. */
async function count(configured: number | 'auto', cores: number, why: string | null = null) {
  const lines: unknown[] = [];
  let asked = 0;
  const whyNoSharedPort = async () => {
    asked++;
    return why;
  };
  const log = { warn: (...line: unknown[]) => void lines.push(line) };
  const workers = await countWorkers(configured, log as never, { cores, whyNoSharedPort });
  return { workers, lines, asked };
}

describe('the number of workers', () => {
  it.each([
    ['auto', 8, 8],
    ['auto', 1, 1],
    [3, 8, 3],
    [12, 2, 12],
    [1, 8, 1],
  ] as const)('of %s on %i cores is %i', async (configured, cores, workers) => {
    expect(await count(configured, cores)).toMatchObject({ workers, lines: [] });
  });

  it('is one where a port cannot be shared, and the log says why', async () => {
    const { workers, lines } = await count('auto', 4, 'ENOTSUP');
    expect(workers).toBe(1);
    expect(lines).toEqual([
      [
        { event: 'one_worker', wanted: 4, reason: 'ENOTSUP' },
        expect.stringContaining('one worker in place of 4'),
      ],
    ]);
  });

  it('does not ask the system, nor say anything, where one is wanted', async () => {
    expect(await count('auto', 1, 'ENOTSUP')).toEqual({ workers: 1, lines: [], asked: 0 });
    expect(await count(1, 4, 'ENOTSUP')).toEqual({ workers: 1, lines: [], asked: 0 });
  });
});
