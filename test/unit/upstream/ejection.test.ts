import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EjectionConfig } from '../../../src/config/gateway-config.ts';
import { Ejector } from '../../../src/upstream/ejector.ts';
import { type TargetEvent, TargetEvents } from '../../../src/upstream/target-events.ts';
import { FakeTime } from '../../helpers/fake-time.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { attempts, picks, targetAt, upstreamOf, weighted } from './upstream-kit.ts';

const EJECTION: EjectionConfig = {
  consecutiveFailures: 3,
  baseTimeMs: 1000,
  maxTimeMs: 3000,
  maxEjected: 50,
};

function ejecting(targets: number, ejection: Partial<EjectionConfig> = {}, random = () => 0) {
  const made = upstreamOf(
    {
      targets: weighted(...Array.from({ length: targets }, () => 1)),
      ejection: { ...EJECTION, ...ejection },
    },
    { random },
  );
  const [a, b, c, d] = made.upstream.targets;
  return {
    ...made,
    a: a!,
    b: b!,
    c: c!,
    d: d!,
    told: () => made.events.map(({ type, target }) => `${type} ${target}`),
  };
}

describe('a target that fails again and again', () => {
  it('gets nothing any more', async () => {
    const { upstream, time, a, told } = ejecting(2);
    attempts(a, 'failure', 2);
    expect([a.status, told()]).toEqual(['unhealthy', []]);
    attempts(a, 'timeout');
    expect(a.status).toBe('ejected');
    expect(picks(upstream, 4)).toBe('bbbb');
    await time.advance(999);
    expect(picks(upstream, 4)).toBe('bbbb');
  });

  it('comes back when its time is over, and needs as many failures again', async () => {
    const { upstream, time, a, told } = ejecting(2);
    attempts(a, 'failure', 3);
    await time.advance(1000);
    expect(new Set(picks(upstream, 4))).toEqual(new Set('ab'));
    expect(told()).toEqual(['ejected http://a', 'restored http://a']);
    attempts(a, 'failure', 2);
    expect(a.available).toBe(true);
    attempts(a, 'failure');
    expect(a.available).toBe(false);
  });

  it('says why, and for how long', () => {
    const { events, a } = ejecting(2);
    attempts(a, 'failure', 3);
    expect(events).toEqual([
      { type: 'ejected', upstream: 'shop', target: 'http://a', reason: '3 failures in a row; for 1.0 s' },
    ]);
  });

  it('is spared by a success in between, not by what is excluded', () => {
    const { a, told } = ejecting(2);
    attempts(a, 'failure', 2);
    attempts(a, 'success');
    attempts(a, 'failure', 2);
    expect(told()).toEqual([]);
    attempts(a, 'excluded', 10);
    attempts(a, 'failure');
    expect(told()).toEqual(['ejected http://a']);
  });

  it('stays out for its time whatever still comes of it', () => {
    const { a } = ejecting(2);
    attempts(a, 'failure', 3);
    attempts(a, 'success', 5);
    attempts(a, 'failure', 5);
    expect(a.status).toBe('ejected');
  });

  it('that could not be ejected is not ejected by what is excluded, when it can be', () => {
    const { a, b, told } = ejecting(2);
    attempts(b, 'failure', 3);
    attempts(a, 'failure', 3);
    b.ejection.endIfOver(1e9, EJECTION);
    attempts(a, 'excluded');
    expect(told()).toEqual(['ejected http://b']);
    attempts(a, 'failure');
    expect(told()).toEqual(['ejected http://b', 'ejected http://a']);
  });

  it('and is gone meanwhile, is not ejected by a late result', () => {
    const events = new TargetEvents('shop');
    const told: TargetEvent[] = [];
    events.on((event) => told.push(event));
    const clock = new FakeTime();
    const ejector = new Ejector({ ...EJECTION, consecutiveFailures: 1 }, { clock, random: () => 0, events });
    const gone = targetAt('http://gone');
    const targets = [targetAt('http://a'), targetAt('http://b')];
    ejector.judged(gone, 'failure', targets);
    expect([gone.ejection.active, told]).toEqual([false, []]);
    ejector.judged(targets[0]!, 'failure', targets);
    expect(told).toHaveLength(1);
  });

  it('is not judged by looking', async () => {
    const { time, a, told } = ejecting(2);
    attempts(a, 'failure', 3);
    await time.advance(10_000);
    expect([a.status, a.available, told().length]).toEqual(['ejected', false, 1]);
  });
});

describe('the time out of rotation', () => {
  async function timeOut(kit: ReturnType<typeof ejecting>): Promise<number> {
    attempts(kit.a, 'failure', 3);
    for (let ms = 0; ; ms += 50) {
      kit.upstream.pick(null, []);
      if (kit.a.available) return ms;
      await kit.time.advance(50);
    }
  }

  it('grows with each ejection, up to a limit', async () => {
    const kit = ejecting(2);
    const times = [await timeOut(kit), await timeOut(kit), await timeOut(kit), await timeOut(kit)];
    expect(times).toEqual([1000, 2000, 3000, 3000]);
  });

  it('that has reached its limit shrinks from there, however many ejections there were', async () => {
    const kit = ejecting(2);
    for (let nth = 0; nth < 8; nth++) await timeOut(kit);
    await kit.time.advance(6000);
    expect(await timeOut(kit)).toBe(2000);
  });

  it('has up to a tenth added at random', async () => {
    const kit = ejecting(2, {}, () => 0.999);
    expect(await timeOut(kit)).toBe(1100);
  });

  it('shrinks by a step for each time of the last ejection that it stays well', async () => {
    const kit = ejecting(2);
    for (const expected of [1000, 2000]) expect(await timeOut(kit)).toBe(expected);
    await kit.time.advance(1999);
    expect(await timeOut(kit)).toBe(3000);
    await kit.time.advance(3000);
    expect(await timeOut(kit)).toBe(3000);
    await kit.time.advance(6000);
    expect(await timeOut(kit)).toBe(2000);
    await kit.time.advance(1e6);
    expect(await timeOut(kit)).toBe(1000);
  });
});

describe('how many may be ejected', () => {
  it('is the configured share, rounded down', () => {
    const { upstream, told } = ejecting(5, { maxEjected: 50 });
    for (const target of upstream.targets) attempts(target, 'failure', 5);
    expect(told()).toEqual(['ejected http://a', 'ejected http://b']);
  });

  it('is one of two, however small the share', () => {
    const { upstream, told } = ejecting(2, { maxEjected: 1 });
    for (const target of upstream.targets) attempts(target, 'failure', 5);
    expect(told()).toEqual(['ejected http://a']);
  });

  it('is never the last one', () => {
    const { upstream, told } = ejecting(3, { maxEjected: 100 });
    for (const target of upstream.targets) attempts(target, 'failure', 5);
    expect(told()).toEqual(['ejected http://a', 'ejected http://b']);
    const single = ejecting(1, { maxEjected: 100 });
    attempts(single.a, 'failure', 50);
    expect(single.told()).toEqual([]);
  });

  it('is never the last one that health checks leave', () => {
    const { a, b, told } = ejecting(2, { maxEjected: 100 });
    b.probes.note({ ok: false, detail: '', durationMs: 0, at: 0 }, 1, 1);
    attempts(a, 'failure', 5);
    expect(told()).toEqual([]);
    b.probes.note({ ok: true, detail: '', durationMs: 0, at: 0 }, 1, 1);
    attempts(a, 'failure');
    expect(told()).toEqual(['ejected http://a']);
  });

  it('counts nobody whose time is over', async () => {
    const { time, a, b, told } = ejecting(2);
    attempts(a, 'failure', 3);
    await time.advance(1000);
    attempts(b, 'failure', 3);
    expect(told()).toEqual(['ejected http://a', 'restored http://a', 'ejected http://b']);
  });

  it('holds, and one is always picked, whatever happens', async () => {
    const step = fc.oneof(
      fc.record({
        target: fc.nat(9),
        verdict: fc.constantFrom('success', 'failure', 'timeout', 'excluded' as const),
      }),
      fc.record({ target: fc.nat(9), probe: fc.boolean() }),
      fc.record({ advance: fc.integer({ min: 1, max: 2000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(step, { maxLength: 60 }),
        async (count, maxEjected, steps) => {
          const { upstream, time } = ejecting(
            count,
            { maxEjected, consecutiveFailures: 1 },
            seededRandom(count),
          );
          const { targets } = upstream;
          const most = count < 2 ? 0 : Math.max(1, Math.floor((count * maxEjected) / 100));
          for (const next of steps) {
            if ('advance' in next) await time.advance(next.advance);
            else if ('verdict' in next) attempts(targets[next.target % count], next.verdict);
            else
              targets[next.target % count]!.probes.note(
                { ok: next.probe, detail: '', durationMs: 1, at: 0 },
                1,
                1,
              );
            expect(targets.filter(({ ejection }) => ejection.active).length).toBeLessThanOrEqual(most);
            const picked = upstream.pick(null, []);
            expect(targets).toContain(picked);
            if (targets.some(({ available }) => available)) expect(picked.available).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
