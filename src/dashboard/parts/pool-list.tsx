import type { BulkheadOverview } from '../../admin/live/live-types.ts';
import { UseMeter } from './use-meter.tsx';

/** The named pools, which several routes share. */
export function PoolList({ pools }: { readonly pools: readonly BulkheadOverview[] }) {
  return (
    <section aria-labelledby="pools-title" class="pools">
      <div class="section-head">
        <h2 id="pools-title">Pools</h2>
      </div>
      <div class="pool-grid">
        {pools.map((pool) => (
          <UseMeter key={pool.name} bulkhead={pool} />
        ))}
      </div>
    </section>
  );
}
