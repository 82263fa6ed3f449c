import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Dependency } from '../../services/shared/dependency.ts';

const log = pino({ level: 'silent' });

function dependency(timeoutMs: number): Dependency {
  return new Dependency(
    {
      name: 'vault',
      code: 'VAULT',
      unavailable: 'vault temporarily unavailable',
      failureThreshold: 2,
      openTimeoutMs: 60_000,
      timeoutMs,
      classify: () => 'failure',
    },
    log,
  );
}

describe('a call to a dependency', () => {
  it('ends by its deadline although the work never does, and counts as a failure', async () => {
    const vault = dependency(300);
    let aborted: AbortSignal | null = null;
    const call = vault.call((signal) => {
      aborted = signal;
      return new Promise(() => {});
    });
    await expect(call).rejects.toMatchObject({ status: 504, code: 'VAULT_TIMEOUT' });
    expect(aborted).toMatchObject({ aborted: true });
    expect(vault.breaker.snapshot()).toMatchObject({ state: 'CLOSED', failureCount: 1 });
  });

  it('is refused while the breaker is open, with what a client needs to know', async () => {
    const vault = dependency(5_000);
    const broken = () => Promise.reject(new Error('no'));
    for (let call = 0; call < 2; call++) {
      await expect(vault.call(broken)).rejects.toMatchObject({ status: 502, code: 'VAULT_FAILED' });
    }
    let called = false;
    const refused = vault.call(async () => {
      called = true;
    });
    await expect(refused).rejects.toMatchObject({
      status: 503,
      code: 'CIRCUIT_BREAKER_OPEN',
      message: 'vault temporarily unavailable',
      headers: { 'retry-after': expect.stringMatching(/^([1-9]|[1-5]\d|60)$/) },
      details: { service: 'vault', state: 'OPEN', reason: { message: 'max failures reached' } },
    });
    expect(called).toBe(false);
  });
});
