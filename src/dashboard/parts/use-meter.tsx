import type { BulkheadOverview } from '../../admin/live/live-types.ts';
import { count } from '../words/format.ts';

/** How full a bulkhead is. */
export function UseMeter({ bulkhead }: { readonly bulkhead: BulkheadOverview }) {
  const { name, inUse, maxConcurrent, queued, rejected } = bulkhead;
  const share = Math.min(1, inUse / maxConcurrent);
  return (
    <div class={`use-meter ${share >= 1 ? 'reached' : share >= 0.8 ? 'near' : 'far'}`}>
      <span class="rule-name">Slots of {name}</span>
      <span class="rule-value">
        {count(inUse)} of {count(maxConcurrent)}
        {queued > 0 && `, ${count(queued)} waiting`}
        {rejected > 0 && `, ${count(rejected)} refused`}
      </span>
      <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="bar-track" width="100" height="6" />
        <rect class="bar-fill" width={share * 100} height="6" />
      </svg>
    </div>
  );
}
