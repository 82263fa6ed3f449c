import { describe, expect, it, vi } from 'vitest';
import { Bulkhead } from '../../../src/resilience/bulkhead.ts';
import { CircuitBreaker, type CircuitBreakerOptions } from '../../../src/resilience/circuit-breaker.ts';
import { Deadline } from '../../../src/resilience/deadline.ts';
import { BreakerOpenError, BulkheadFullError, TimeoutError } from '../../../src/resilience/errors.ts';
import { Policy, type PolicyOptions } from '../../../src/resilience/policy.ts';
import { FakeTime, settled } from '../../helpers/fake-time.ts';

function guarded(parts: Partial<PolicyOptions<string>> = {}, rules: Partial<CircuitBreakerOptions> = {}) {
  const time = new FakeTime();
  const breaker = new CircuitBreaker({
    name: 'db',
    failureThreshold: 3,
    openTimeoutMs: 1000,
    clock: time,
    ...rules,
  });
  const policy = new Policy<string>({
    name: 'db',
    retry: { attempts: 10, backoff: { initialMs: 10, jitter: 'none' }, timer: time },
    breaker,
    timeout: { ms: 50, clock: time, timer: time },
    ...parts,
  });
  /** The error of a call, with all its waits taken. */
  const errorOf = async (
    work: (signal: AbortSignal) => Promise<string>,
    signal?: AbortSignal,
  ): Promise<unknown> => {
    const error = policy.execute(work, { signal }).catch((reason: unknown) => reason);
    await time.advance(10_000);
    return error;
  };
  return { time, breaker, policy, errorOf };
}

const down = () => vi.fn(() => Promise.reject(new Error('down')));
const never = () => new Promise<string>(() => {});

describe('a policy around a circuit breaker', () => {
  it('has every attempt judged, and ends its attempts when the breaker opens', async () => {
    const { breaker, errorOf } = guarded();
    const work = down();
    expect(await errorOf(work)).toBeInstanceOf(BreakerOpenError);
    expect(work).toHaveBeenCalledTimes(3);
    expect(breaker.snapshot()).toMatchObject({ state: 'OPEN', totals: { failures: 3, rejections: 1 } });
  });

  it('has attempts that hang counted as timeouts', async () => {
    const { breaker, errorOf } = guarded({ retry: { attempts: 1 } });
    expect(await errorOf(never)).toBeInstanceOf(TimeoutError);
    expect(breaker.snapshot().totals).toMatchObject({ failures: 1, timeouts: 1 });
  });

  it('blames nobody for a caller that gives up, or whose own deadline is shorter', async () => {
    const { time, breaker, policy } = guarded();
    const caller = new AbortController();
    const left = policy.execute(never, { signal: caller.signal }).catch((reason: unknown) => reason);
    await settled();
    caller.abort('gone');
    expect(await left).toBe('gone');
    using deadline = Deadline.after(20, { clock: time, timer: time });
    const late = policy.execute(never, { signal: deadline.signal }).catch((reason: unknown) => reason);
    await time.advance(20);
    expect(await late).toBeInstanceOf(TimeoutError);
    expect(breaker.snapshot().totals).toMatchObject({ failures: 0, timeouts: 0, excluded: 2 });
  });

  it('neither counts a full bulkhead as a failure nor spends a probe on it', async () => {
    const bulkhead = new Bulkhead({ name: 'db', maxConcurrent: 1 });
    const { time, breaker, errorOf, policy } = guarded({ bulkhead });
    await errorOf(down());
    expect(breaker.state).toBe('OPEN');
    await time.advance(1000);
    bulkhead.tryAcquire();
    expect(await errorOf(async () => 'never')).toBeInstanceOf(BulkheadFullError);
    expect(breaker.snapshot()).toMatchObject({ state: 'OPEN', halfOpenInFlight: 0 });
    bulkhead.release();
    expect(await policy.execute(async () => 'back')).toBe('back');
    expect(breaker.state).toBe('CLOSED');
  });

  it('answers from its fallback while the breaker is open, without a call', async () => {
    const { breaker, policy } = guarded({ fallback: [{ name: 'static', run: () => 'default' }] });
    breaker.forceOpen();
    const work = vi.fn(async () => 'live');
    expect(await policy.answer(work)).toMatchObject({ value: 'default', source: 'static', degraded: true });
    expect(work).not.toHaveBeenCalled();
  });
});
