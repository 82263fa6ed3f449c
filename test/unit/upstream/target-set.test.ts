import { describe, expect, it } from 'vitest';
import { Target } from '../../../src/upstream/target.ts';
import { TargetSet } from '../../../src/upstream/target-set.ts';
import { FakeTime, settled } from '../../helpers/fake-time.ts';
import { attempts, IdleLane, targetConfig } from './upstream-kit.ts';

const at = (address: string, weight = 1) => targetConfig('http://shop.test', { address, weight });

function setOf(...urls: string[]) {
  const parts = { clock: new FakeTime(), slowStartMs: 0 };
  const set = new TargetSet(
    urls.map((url) => targetConfig(url)),
    (config) => new Target(config, new IdleLane(), parts),
  );
  return { set, urls: () => set.all.map(({ url }) => url) };
}

const lane = (target: Target | undefined) => target?.lane as IdleLane;

describe('the live targets', () => {
  it('are the configured ones, until something takes the place of one', () => {
    const { set, urls } = setOf('http://one.test', 'http://shop.test', 'http://two.test');
    expect(urls()).toEqual(['http://one.test', 'http://shop.test', 'http://two.test']);
    const { added, removed } = set.replace(1, [at('10.0.0.1'), at('10.0.0.2')]);
    expect(urls()).toEqual([
      'http://one.test',
      'http://shop.test (10.0.0.1)',
      'http://shop.test (10.0.0.2)',
      'http://two.test',
    ]);
    expect(added).toEqual(set.all.slice(1, 3));
    expect(removed.map(({ url }) => url)).toEqual(['http://shop.test']);
  });

  it('that stay keep their lane and what is known of them, and take the new weight', () => {
    const { set } = setOf('http://shop.test');
    set.replace(0, [at('10.0.0.1'), at('10.0.0.2')]);
    const [first] = set.all;
    attempts(first, 'failure', 2);
    const { added, removed } = set.replace(0, [at('10.0.0.1', 5)]);
    expect(set.all).toEqual([first]);
    expect(first).toMatchObject({ failures: 2, weight: 5 });
    expect([added.length, removed.length]).toEqual([0, 1]);
    expect(lane(first).closed).toBe(0);
  });

  it('that go close once they have nothing under way', async () => {
    const { set } = setOf('http://shop.test');
    set.replace(0, [at('10.0.0.1'), at('10.0.0.2')]);
    const [busy, idle] = set.all;
    busy!.started();
    set.replace(0, [at('10.0.0.3')]);
    expect([lane(busy).closed, lane(idle).closed]).toEqual([0, 1]);
    busy!.ended();
    expect(lane(busy).closed).toBe(1);
  });

  it('come back as new ones', () => {
    const { set } = setOf('http://shop.test');
    set.replace(0, [at('10.0.0.1')]);
    const [before] = set.all;
    set.replace(0, [at('10.0.0.2')]);
    set.replace(0, [at('10.0.0.1')]);
    expect(set.all[0]).not.toBe(before);
    expect(lane(set.all[0]).closed).toBe(0);
  });

  it('are closed and destroyed in the end, those that are still leaving too', async () => {
    const { set } = setOf('http://shop.test');
    const [leaving] = set.all;
    leaving!.started();
    set.replace(0, [at('10.0.0.1')]);
    await set.close();
    set.destroy();
    for (const target of [leaving, set.all[0]])
      expect(lane(target)).toMatchObject({ closed: 1, destroyed: 1 });
  });

  it('are forgotten once they have left', async () => {
    const { set } = setOf('http://shop.test');
    const [left] = set.all;
    set.replace(0, [at('10.0.0.1')]);
    await settled();
    set.destroy();
    expect(lane(left)).toMatchObject({ closed: 1, destroyed: 0 });
  });
});
