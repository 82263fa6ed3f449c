import { describe, expect, it } from 'vitest';
import { BreakerKit, KINDS } from './breaker-kit.ts';

describe.each(KINDS)('a count window on %s memory', (kind) => {
  const make = (size: number, options: object = {}) =>
    new BreakerKit({ failureThreshold: 1000, window: { type: 'count', size }, ...options }, kind);

  it('holds the last calls, however old they are', () => {
    const kit = make(4);
    kit.fail(3);
    kit.clock.advance(1e9);
    expect(kit.breaker.snapshot()).toMatchObject({ failureCount: 3, requestCount: 3 });
    kit.succeed(2);
    expect(kit.breaker.snapshot()).toMatchObject({ failureCount: 2, requestCount: 4, failureRate: 50 });
    kit.succeed(2);
    expect(kit.breaker.snapshot()).toMatchObject({ failureCount: 0, requestCount: 4, successCount: 4 });
  });

  it('goes round and round', () => {
    const kit = make(3);
    for (let round = 0; round < 20; round++) {
      kit.fail(1);
      kit.succeed(1);
      kit.fail(1);
      expect(kit.breaker.snapshot()).toMatchObject({ failureCount: 2, requestCount: 3 });
    }
  });

  it('may hold one call', () => {
    const kit = make(1);
    kit.fail(1);
    expect(kit.breaker.snapshot().failureRate).toBe(100);
    kit.succeed(1);
    expect(kit.breaker.snapshot().failureRate).toBe(0);
  });

  it('is judged when it is full, if it is smaller than the default of 20 calls', () => {
    const kit = make(10, { failureThreshold: undefined, failureRate: 50 });
    kit.fail(9);
    expect(kit.breaker.state).toBe('CLOSED');
    kit.succeed(1);
    expect(kit.breaker.state).toBe('OPEN');
  });

  it('begins empty after a recovery', () => {
    const kit = make(4, { failureThreshold: 2, openTimeoutMs: 10 });
    kit.fail(2);
    kit.clock.advance(10);
    kit.succeed(1);
    expect(kit.breaker.snapshot()).toMatchObject({ state: 'CLOSED', requestCount: 0 });
    kit.fail(1);
    expect(kit.breaker.state).toBe('CLOSED');
  });
});
