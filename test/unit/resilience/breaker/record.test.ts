import { describe, expect, it } from 'vitest';
import { BreakerKit, KINDS } from './breaker-kit.ts';

describe.each(KINDS)('canExecute, recordSuccess and recordFailure on %s memory', (kind) => {
  const make = () => new BreakerKit({ openTimeoutMs: 60_000 }, kind);
  const fail = (kit: BreakerKit): boolean => kit.breaker.canExecute() && kit.breaker.recordFailure(1);

  it('open after five failures for a minute, then permit exactly one probe, whose failure opens again', () => {
    const kit = make();
    for (let call = 0; call < 5; call++) expect(fail(kit)).toBe(true);
    expect(kit.breaker.canExecute()).toBe(false);
    kit.clock.advance(60_000);
    expect([kit.breaker.canExecute(), kit.breaker.canExecute()]).toEqual([true, false]);
    expect(kit.breaker.recordFailure()).toBe(true);
    expect(kit.breaker.state).toBe('OPEN');
    kit.clock.advance(60_000);
    expect(kit.breaker.canExecute()).toBe(true);
    expect(kit.breaker.recordSuccess(3)).toBe(true);
    expect(kit.breaker.state).toBe('CLOSED');
    expect(kit.breaker.snapshot()).toMatchObject({ minMs: 1, maxMs: 3 });
  });

  it('do not count while open', () => {
    const kit = make();
    for (let call = 0; call < 5; call++) fail(kit);
    expect([kit.breaker.recordSuccess(), kit.breaker.recordFailure()]).toEqual([false, false]);
    expect(kit.breaker.snapshot().totals).toMatchObject({ successes: 0, failures: 5 });
  });

  it('do not take a result for that of a probe which somebody else holds', () => {
    const kit = make();
    for (let call = 0; call < 5; call++) fail(kit);
    kit.clock.advance(60_000);
    const probe = kit.permit();
    expect([kit.breaker.recordFailure(), kit.breaker.recordSuccess()]).toEqual([false, false]);
    expect(kit.breaker.state).toBe('HALF_OPEN');
    kit.breaker.settle(probe, 'success');
    expect(kit.breaker.state).toBe('CLOSED');
  });
});
