import { describe, expect, it } from 'vitest';
import { BreakerKit, KINDS } from './breaker-kit.ts';

const OPTIONS = { failureThreshold: 1, openTimeoutMs: 1000 };

describe.each(KINDS)('the recoveries of a breaker on %s memory', (kind) => {
  const recovered = ({ breaker }: BreakerKit) => {
    const { recoveries, recoveryMs, lastRecoveryMs } = breaker.snapshot();
    return { recoveries, recoveryMs, lastRecoveryMs };
  };
  const recover = (kit: BreakerKit, afterMs: number): void => {
    kit.clock.advance(afterMs);
    kit.succeed(1);
  };

  it('are counted and timed from open to closed, failed probes between them included', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    expect(recovered(kit)).toEqual({ recoveries: 0, recoveryMs: 0, lastRecoveryMs: null });
    kit.fail(1);
    recover(kit, 1500);
    expect(recovered(kit)).toEqual({ recoveries: 1, recoveryMs: 1500, lastRecoveryMs: 1500 });
    kit.fail(1);
    kit.clock.advance(1000);
    kit.fail(1);
    recover(kit, 1000);
    expect(recovered(kit)).toEqual({ recoveries: 2, recoveryMs: 3500, lastRecoveryMs: 2000 });
  });

  it('are not what an operator does, but what probes show after a release is one', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    kit.fail(1);
    kit.breaker.reset();
    kit.fail(1);
    kit.breaker.forceClose();
    kit.breaker.release();
    kit.breaker.forceOpen();
    kit.clock.advance(7000);
    expect(recovered(kit)).toMatchObject({ recoveries: 0, recoveryMs: 0 });
    kit.breaker.release();
    kit.succeed(1);
    expect(recovered(kit)).toMatchObject({ recoveries: 1, recoveryMs: 7000 });
  });

  it('are none of a breaker that only observes and never was open', () => {
    const kit = new BreakerKit({ ...OPTIONS, mode: 'observe' }, kind);
    kit.fail(1);
    recover(kit, 1500);
    expect(kit.breaker.snapshot()).toMatchObject({
      wouldOpens: 1,
      wouldBe: 'CLOSED',
      recoveries: 0,
      recoveryMs: 0,
    });
  });

  it('sum up beyond 32 bits of milliseconds', () => {
    const kit = new BreakerKit(OPTIONS, kind);
    const month = 30 * 86_400_000;
    for (let nth = 0; nth < 3; nth++) {
      kit.fail(1);
      recover(kit, month);
    }
    expect(recovered(kit)).toMatchObject({ recoveries: 3, recoveryMs: 3 * month });
    expect(3 * month).toBeGreaterThan(2 ** 32);
  });
});
