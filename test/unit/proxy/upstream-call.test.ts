import { describe, expect, it } from 'vitest';
import type { CallOwner } from '../../../src/proxy/call-owner.ts';
import type { ExchangeSite } from '../../../src/proxy/exchange-site.ts';
import { UpstreamCall } from '../../../src/proxy/upstream-call.ts';
import { Bulkhead } from '../../../src/resilience/index.ts';
import type { Upstream } from '../../../src/upstream/upstream.ts';
import { settled } from '../../helpers/fake-time.ts';
import { upstreamOf } from '../upstream/upstream-kit.ts';

/** What an owner is told that has a bug where it hears of a refusal. */
async function toldOf(upstream: Upstream, pool: Bulkhead | null): Promise<unknown[]> {
  const told: unknown[] = [];
  const site = { refused: () => {}, deadlines: { watch: () => {} } } as unknown as ExchangeSite;
  const owner = {
    callRefused(_refusal: unknown, condition: string) {
      told.push(condition);
      throw new Error('a bug');
    },
    callBroke: (error: unknown) => told.push(error),
  } as unknown as CallOwner;
  new UpstreamCall(site, upstream, { pool }, owner).start();
  await settled();
  return told;
}

describe('a call whose owner fails when it is refused tells it so, and nobody waits for ever', () => {
  it('by the breaker', async () => {
    const { upstream } = upstreamOf({});
    upstream.breaker.forceOpen();
    expect(await toldOf(upstream, null)).toEqual(['open', new Error('a bug')]);
  });

  it('by a bulkhead, later', async () => {
    const pool = new Bulkhead({ name: 'pool', maxConcurrent: 1 });
    pool.tryAcquire();
    expect(await toldOf(upstreamOf({}).upstream, pool)).toEqual(['full', new Error('a bug')]);
  });
});
