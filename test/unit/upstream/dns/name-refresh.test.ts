import { describe, expect, it } from 'vitest';
import { NameRefresh } from '../../../../src/upstream/dns/name-refresh.ts';
import { FakeTime } from '../../../helpers/fake-time.ts';
import { targetConfig } from '../upstream-kit.ts';

const ANSWER = [targetConfig('http://shop.test', { address: '10.0.0.1' })];

/** A refresh every 30 s, of lookups that go as `answers` says; what happened, with its time. */
function refreshOf(fails: (nth: number) => boolean, random = () => 0) {
  const time = new FakeTime();
  const begin = time.now();
  const told: string[] = [];
  const asked: number[] = [];
  const refresh = new NameRefresh({
    lookup: async () => {
      asked.push(time.now() - begin);
      if (fails(asked.length)) throw new Error('no such luck');
      return ANSWER;
    },
    refreshMs: 30_000,
    timer: time,
    random,
    onAnswer: (targets) => told.push(`answer ${targets[0]?.address}`),
    onFailure: (reason) => told.push(`failed: ${reason}`),
  });
  return { refresh, time, told, asked };
}

describe('asking for a name again and again', () => {
  it('begins at once and goes on in the configured time', async () => {
    const { refresh, time, told, asked } = refreshOf(() => false);
    refresh.start();
    await time.advance(60_000);
    expect(asked).toEqual([0, 30_000, 60_000]);
    expect(told).toEqual(['answer 10.0.0.1', 'answer 10.0.0.1', 'answer 10.0.0.1']);
  });

  it('takes up to a tenth off each wait', async () => {
    const { refresh, time, asked } = refreshOf(
      () => false,
      () => 1,
    );
    refresh.start();
    await time.advance(54_000);
    expect(asked).toEqual([0, 27_000, 54_000]);
  });

  it('is quicker after a failure, then slower and slower, never slower than usual', async () => {
    const { refresh, time, asked } = refreshOf((nth) => nth > 1);
    refresh.start();
    await time.advance(121_000);
    expect(asked).toEqual([0, 30_000, 31_000, 33_000, 37_000, 45_000, 61_000, 91_000, 121_000]);
  });

  it('tells a failure once per outage', async () => {
    const { refresh, time, told } = refreshOf((nth) => ![3, 6].includes(nth));
    refresh.start();
    await time.advance(70_000);
    expect(told).toEqual([
      'failed: no such luck',
      'answer 10.0.0.1',
      'failed: no such luck',
      'answer 10.0.0.1',
      'failed: no such luck',
    ]);
  });

  it('stops, also in the middle of a lookup', async () => {
    const { refresh, time, told } = refreshOf(() => false);
    refresh.start();
    refresh.stop();
    await time.advance(100_000);
    expect([told, time.pending]).toEqual([[], 0]);
    const other = refreshOf(() => false);
    other.refresh.start();
    await other.time.advance(1);
    other.refresh.stop();
    expect([other.told.length, other.time.pending]).toEqual([1, 0]);
  });
});
