import { describe, expect, it } from 'vitest';
import { BreakerRegistry, type BreakerRegistryOptions } from '../../../src/resilience/breaker-registry.ts';
import type { BreakerTransition } from '../../../src/resilience/breaker-snapshot.ts';
import type { BreakerSummary } from '../../../src/resilience/breaker-summary.ts';
import type { CircuitBreaker } from '../../../src/resilience/circuit-breaker.ts';
import { FakeTime, settled } from '../../helpers/fake-time.ts';

function registry(options: BreakerRegistryOptions = {}): { breakers: BreakerRegistry; time: FakeTime } {
  const time = new FakeTime();
  return { time, breakers: new BreakerRegistry({ clock: time, timer: time, ...options }) };
}

function fail(breaker: CircuitBreaker, times: number): void {
  for (let call = 0; call < times; call++) breaker.settle(breaker.tryAcquire(), 'failure', 10);
}

describe('the breakers of a registry', () => {
  it('are made once per name', () => {
    const { breakers } = registry();
    const breaker = breakers.get('db', { failureThreshold: 3 });
    expect(breakers.get('db')).toBe(breaker);
    expect(breakers.get('db', { failureThreshold: 3 })).toBe(breaker);
    expect(breakers.get('cache')).not.toBe(breaker);
    expect(breakers.names()).toEqual(['db', 'cache']);
    expect([breakers.has('db'), breakers.has('other')]).toEqual([true, false]);
  });

  it('cannot have two sets of rules under one name', () => {
    const { breakers } = registry();
    breakers.get('db', { failureThreshold: 3 });
    expect(() => breakers.get('db', { failureThreshold: 4 })).toThrow(/db.*one name means one breaker/);
  });

  it.each([
    ['development', 3, 30_000],
    ['production', 10, 120_000],
  ])('have the profile %s', (profile, failures, openMs) => {
    const { breakers } = registry();
    const breaker = breakers.get('db', profile);
    fail(breaker, failures - 1);
    expect(breaker.state).toBe('CLOSED');
    fail(breaker, 1);
    expect(breaker.state).toBe('OPEN');
    expect(breaker.retryAfterMs()).toBe(openMs);
  });

  it('take the rules from the options, then the profile, then the defaults of the registry', () => {
    const { breakers } = registry({
      defaults: { failureThreshold: 2, openTimeoutMs: 7000 },
      profiles: { patient: { failureThreshold: 4 } },
    });
    const open = (breaker: CircuitBreaker, failures: number): number => {
      fail(breaker, failures - 1);
      expect(breaker.state).toBe('CLOSED');
      fail(breaker, 1);
      return breaker.retryAfterMs();
    };
    expect(open(breakers.get('default'), 2)).toBe(7000);
    expect(open(breakers.get('profile', 'patient'), 4)).toBe(7000);
    expect(open(breakers.get('options', { openTimeoutMs: 9000 }), 2)).toBe(9000);
  });

  it('cannot have a profile that does not exist', () => {
    const { breakers } = registry();
    expect(() => breakers.get('db', 'staging')).toThrow(/staging.*development, production/);
    expect(breakers.has('db')).toBe(false);
  });

  it.each(['toString', 'constructor', '__proto__'])('have no profile %s by inheritance', (profile) => {
    expect(() => registry().breakers.get('db', profile)).toThrow(/development, production/);
  });

  it('are reset together', () => {
    const { breakers } = registry({ defaults: { failureThreshold: 1 } });
    for (const name of ['a', 'b']) fail(breakers.get(name), 1);
    breakers.resetAll();
    expect(breakers.snapshot().map(({ name, state }) => [name, state])).toEqual([
      ['a', 'CLOSED'],
      ['b', 'CLOSED'],
    ]);
  });

  it('tell of their transitions in one place, also those that are made later', () => {
    const { breakers } = registry({ defaults: { failureThreshold: 1 } });
    const early = breakers.get('early');
    const seen: BreakerTransition[] = [];
    const stop = breakers.onTransition((transition) => seen.push(transition));
    fail(early, 1);
    fail(breakers.get('late'), 1);
    expect(seen.map(({ breaker, to }) => [breaker, to])).toEqual([
      ['early', 'OPEN'],
      ['late', 'OPEN'],
    ]);
    stop();
    early.reset();
    expect(seen).toHaveLength(2);
  });
});

describe('a listener for all breakers', () => {
  it('that throws, or rejects, harms nobody: the others hear, and the breaker says so', async () => {
    const { breakers } = registry({ defaults: { failureThreshold: 1 } });
    const seen: string[] = [];
    breakers.onTransition(() => {
      throw new Error('at once');
    });
    breakers.onTransition(async () => {
      throw new Error('later');
    });
    breakers.onTransition(({ to }) => seen.push(to));
    const errors: unknown[] = [];
    const breaker = breakers.get('db');
    breaker.on('listener_error', ({ error }) => errors.push((error as Error).message));
    fail(breaker, 1);
    await settled();
    expect(seen).toEqual(['OPEN']);
    expect(errors).toEqual(['at once', 'later']);
  });

  it('that was added twice is taken away once', () => {
    const { breakers } = registry({ defaults: { failureThreshold: 1 } });
    const seen: string[] = [];
    const listener = ({ to }: BreakerTransition): void => void seen.push(to);
    breakers.onTransition(listener);
    breakers.onTransition(listener)();
    fail(breakers.get('db'), 1);
    expect(seen).toEqual(['OPEN']);
  });
});

describe('the health of a registry', () => {
  it('is good only when every breaker is closed', async () => {
    const { breakers, time } = registry({ defaults: { failureThreshold: 1, openTimeoutMs: 1000 } });
    const [good, bad] = [breakers.get('good'), breakers.get('bad')];
    expect(breakers.health().status).toBe('healthy');
    fail(bad, 1);
    expect(breakers.health()).toMatchObject({
      status: 'degraded',
      breakers: {
        good: { status: 'healthy' },
        bad: { status: 'unhealthy', failureCount: 1, retryAfterMs: 1000 },
      },
    });
    await time.advance(1000);
    const probe = bad.tryAcquire();
    expect(breakers.health()).toMatchObject({
      status: 'degraded',
      breakers: { bad: { status: 'recovering' } },
    });
    bad.settle(probe, 'success');
    expect(breakers.health().status).toBe('healthy');
    expect(good.state).toBe('CLOSED');
  });

  it('knows availability with refusals counted, and the time of the last recovery', async () => {
    const { breakers, time } = registry({ defaults: { failureThreshold: 1, openTimeoutMs: 1000 } });
    const breaker = breakers.get('db');
    expect(breakers.health().breakers.db).toMatchObject({ availability: null, recoveryMs: null });
    fail(breaker, 1);
    breaker.tryAcquire();
    await time.advance(4000);
    breaker.settle(breaker.tryAcquire(), 'success');
    breaker.settle(breaker.tryAcquire(), 'success');
    // 2 of: 1 failure, 1 refusal, 2 successes.
    expect(breakers.health().breakers.db).toMatchObject({ availability: 50, recoveryMs: 4000 });
  });
});

describe('the periodic summary', () => {
  it('tells each time what happened since the one before', async () => {
    const { breakers, time } = registry({ defaults: { failureThreshold: 2, openTimeoutMs: 60_000 } });
    const breaker = breakers.get('db');
    breaker.settle(breaker.tryAcquire(), 'success', 10);
    const summaries: BreakerSummary[] = [];
    breakers.reportEvery(1000, (summary) => summaries.push(summary));
    breaker.settle(breaker.tryAcquire(), 'success', 10);
    breaker.settle(breaker.tryAcquire(), 'timeout', 30);
    fail(breaker, 1);
    breaker.tryAcquire();
    await time.advance(1000);
    expect(summaries[0]?.breakers).toEqual([
      {
        name: 'db',
        state: 'OPEN',
        successes: 1,
        failures: 2,
        timeouts: 1,
        rejections: 1,
        transitions: 1,
        failureRate: expect.closeTo(66.7, 1),
        minMs: 10,
        avgMs: expect.any(Number),
        maxMs: 30,
      },
    ]);
    breakers.get('new').settle(breakers.get('new').tryAcquire(), 'success');
    await time.advance(1000);
    expect(summaries[1]?.breakers).toMatchObject([
      { name: 'db', successes: 0, failures: 0, rejections: 0, transitions: 0, failureRate: null },
      { name: 'new', successes: 1 },
    ]);
  });

  it('is not harmed by a report whose promise rejects', async () => {
    const { breakers, time } = registry();
    let reports = 0;
    breakers.reportEvery(1000, async () => {
      reports++;
      throw new Error('collector away');
    });
    // vitest fails the run on an unhandled rejection.
    await time.advance(2000);
    expect(reports).toBe(2);
  });

  it('goes on when a report fails, and ends when told', async () => {
    const { breakers, time } = registry();
    let reports = 0;
    const stop = breakers.reportEvery(1000, () => {
      reports++;
      throw new Error('disk full');
    });
    await time.advance(3000);
    expect(reports).toBe(3);
    stop();
    await time.advance(3000);
    expect(reports).toBe(3);
    expect(time.pending).toBe(0);
  });

  it('needs a time', () => {
    expect(() => registry().breakers.reportEvery(0, () => {})).toThrow('everyMs');
  });
});
