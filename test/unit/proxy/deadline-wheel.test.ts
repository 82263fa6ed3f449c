import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DeadlineWheel, type Expiring, type Slot } from '../../../src/proxy/deadline-wheel.ts';
import { until } from '../../helpers/until.ts';

class Limit implements Expiring<Limit> {
  before: Limit | null = null;
  behind: Limit | null = null;
  inLine = false;
  slot: Slot<Limit> | null = null;
  readonly armedAt = performance.now();
  toldAfterMs: number | null = null;

  expired(): void {
    this.toldAfterMs = performance.now() - this.armedAt;
  }
}

function arm(wheel: DeadlineWheel<Limit>, delayMs: number): Limit {
  const limit = new Limit();
  wheel.arm(limit, limit.armedAt, delayMs);
  return limit;
}

describe('a time limit on the wheel', () => {
  it('is told when it is over, never before, among others of any length', async () => {
    const wheel = new DeadlineWheel<Limit>();
    const delays = Array.from({ length: 300 }, (_, at) => 1 + ((at * 37) % 250));
    const limits = delays.map((delayMs) => arm(wheel, delayMs));
    await until(() => limits.every(({ toldAfterMs }) => toldAfterMs !== null));
    for (const [at, { toldAfterMs }] of limits.entries()) {
      // Node's timers may fire a millisecond early.
      expect(toldAfterMs).toBeGreaterThanOrEqual((delays[at] as number) - 1);
    }
  });

  it('is told once, and not at all after it was taken off', async () => {
    const wheel = new DeadlineWheel<Limit>();
    const [first, second, third] = [arm(wheel, 20), arm(wheel, 20), arm(wheel, 20)];
    wheel.disarm(second);
    wheel.disarm(second);
    await until(() => first.toldAfterMs !== null && third.toldAfterMs !== null);
    first.toldAfterMs = null;
    await sleep(30);
    expect([first.toldAfterMs, second.toldAfterMs]).toEqual([null, null]);
    wheel.disarm(first);
  });

  it('may be armed again when it is told', async () => {
    const wheel = new DeadlineWheel<Limit>();
    let times = 0;
    class Again extends Limit {
      override expired(): void {
        times++;
        if (times < 3) wheel.arm(this, performance.now(), 1);
      }
    }
    const limit = new Again();
    wheel.arm(limit, performance.now(), 1);
    await until(() => times === 3);
    expect(limit.inLine).toBe(false);
  });

  it('may be longer than any timer of node', () => {
    const wheel = new DeadlineWheel<Limit>();
    for (const delayMs of [2 ** 31, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
      const limit = arm(wheel, delayMs);
      expect(limit.inLine).toBe(true);
      wheel.disarm(limit);
    }
  });
});
