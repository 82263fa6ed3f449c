import { describe, expect, it } from 'vitest';
import { FakeTime } from '../../helpers/fake-time.ts';
import { attempts, type IdleLane, picks, targetAt, upstreamOf, weighted } from './upstream-kit.ts';

describe('choosing a target', () => {
  it('takes the only one there is, also when it was tried', () => {
    const { upstream } = upstreamOf({ targets: weighted(3) });
    expect(picks(upstream, 2)).toBe('aa');
    expect(picks(upstream, 2, upstream.targets)).toBe('aa');
  });

  it('goes round by the configured weights', () => {
    expect(picks(upstreamOf({ targets: weighted(5, 1, 1) }).upstream, 14)).toBe('aabacaaaabacaa');
  });

  it('goes by what was judged, with balance latency', () => {
    const { upstream } = upstreamOf({ targets: weighted(1, 1), balance: { type: 'latency' } });
    const [a, b] = upstream.targets;
    a!.judged('success', 5);
    b!.judged('success', 500);
    expect(picks(upstream, 10)).toBe('a'.repeat(10));
    a!.judged('success', 5000);
    expect(picks(upstream, 10)).toBe('b'.repeat(10));
  });

  it('gives the same key the same one, with balance hash', () => {
    const { upstream } = upstreamOf({
      targets: weighted(1, 1, 1),
      balance: { type: 'hash', by: 'header', name: 'x-user' },
    });
    const keyOf = (user: string) =>
      upstream.hashKey({ headers: ['X-User', user], header: () => user, remoteAddress: '::1' });
    expect(keyOf('ann')).toBe('ann');
    const target = upstream.pick(keyOf('ann'), []);
    for (let nth = 0; nth < 10; nth++) {
      picks(upstream, 1);
      expect(upstream.pick(keyOf('ann'), [])).toBe(target);
    }
    const second = upstream.pick('ann', [target]);
    expect(second).not.toBe(target);
    expect(upstream.pick('ann', [target])).toBe(second);
  });

  it('prefers those that were not tried', () => {
    const { upstream } = upstreamOf({ targets: weighted(9, 9, 1) });
    const [a, b] = upstream.targets;
    expect(picks(upstream, 3, [a!, b!])).toBe('ccc');
    expect(new Set(picks(upstream, 20, [a!]))).toEqual(new Set('bc'));
  });

  it('goes on with those that were tried when there is no other', () => {
    const { upstream } = upstreamOf({ targets: weighted(1, 1) });
    expect(new Set(picks(upstream, 4, upstream.targets))).toEqual(new Set('ab'));
  });
});

describe('the end of an upstream', () => {
  it('closes, or destroys, the connections to all its targets', async () => {
    const { upstream } = upstreamOf({ targets: weighted(1, 1) });
    await upstream.close();
    upstream.destroy();
    for (const { lane } of upstream.targets) expect(lane).toMatchObject({ closed: 1, destroyed: 1 });
  });
});

describe('a target', () => {
  it.each([
    ['http://a:8081', 'a:8081'],
    ['http://a', 'a'],
    ['https://a', 'a'],
    ['http://[::1]:81', '[::1]:81'],
  ])('%s is asked for as Host %s', (url, authority) => {
    expect(targetAt(url).authority).toBe(authority);
  });

  it('shows the address that it stands for, and keeps its name for Host', () => {
    const target = targetAt('http://auth:8081', { address: '10.0.0.3' });
    expect(target).toMatchObject({ url: 'http://auth:8081 (10.0.0.3)', authority: 'auth:8081' });
  });

  it('counts what became of its attempts, and what is not its fault not at all', () => {
    const target = targetAt('http://a');
    for (const verdict of ['success', 'failure', 'timeout', 'excluded'] as const) attempts(target, verdict);
    expect(target).toMatchObject({ url: 'http://a', requests: 4, failures: 2, consecutiveFailures: 2 });
    expect(target.lastFailureAt).toBe(1_700_000_001_000);
    attempts(target, 'success');
    expect(target).toMatchObject({ failures: 2, consecutiveFailures: 0, lastFailureAt: 1_700_000_001_000 });
  });

  it('has no last failure before the first', () => {
    expect(targetAt('http://a').lastFailureAt).toBeNull();
  });

  it('knows what is under way, judged or not', () => {
    const target = targetAt('http://a');
    target.started();
    target.started();
    target.judged('success', 1);
    expect(target.inFlight).toBe(2);
    target.ended();
    expect(target.inFlight).toBe(1);
  });

  it('is unknown, healthy, unhealthy by what its last attempts showed', () => {
    const target = targetAt('http://a');
    expect(target.status).toBe('unknown');
    attempts(target, 'success');
    expect(target.status).toBe('healthy');
    attempts(target, 'timeout');
    expect(target.status).toBe('unhealthy');
  });

  it('is healthy again by a good health check after its last failure, not by one before it', async () => {
    const time = new FakeTime();
    const target = targetAt('http://a', {}, { clock: time });
    const check = (ok: boolean) =>
      target.probes.note({ ok, detail: '', durationMs: 1, at: time.wallNow() }, 1, 3);
    check(true);
    await time.advance(1000);
    attempts(target, 'failure');
    expect(target.status).toBe('unhealthy');
    await time.advance(1000);
    check(false);
    expect(target.status).toBe('unhealthy');
    check(true);
    expect(target.status).toBe('healthy');
  });

  it('that retires closes its connections once the last attempt is over', async () => {
    const target = targetAt('http://a');
    const lane = target.lane as IdleLane;
    target.started();
    target.started();
    const retired = target.retire();
    target.ended();
    expect(lane.closed).toBe(0);
    target.ended();
    await retired;
    expect(lane.closed).toBe(1);
  });

  it('that retires without anything to do closes at once', async () => {
    const target = targetAt('http://a');
    await target.retire();
    expect((target.lane as IdleLane).closed).toBe(1);
  });
});
