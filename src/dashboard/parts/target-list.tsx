import type { TargetOverview } from '../../admin/live/live-types.ts';
import { ago, count } from '../words/format.ts';

const STATUS_WORDS = {
  healthy: 'healthy',
  unhealthy: 'failing',
  ejected: 'taken out',
  unknown: 'not tried yet',
} as const;

interface Props {
  readonly targets: readonly TargetOverview[];
  readonly at: number;
}

export function TargetList({ targets, at }: Props) {
  if (targets.length === 0) return <p class="empty">No targets: its name resolves to nothing.</p>;
  return (
    <ul class="targets" aria-label="Targets">
      {targets.map((target) => (
        <li key={target.url} class={`target ${target.status}`}>
          <span class="target-mark" aria-hidden="true" />
          <span class="target-url mono" title={target.url}>
            {target.url.replace(/^http:\/\//, '')}
          </span>
          <span class="target-flight">{count(target.inFlight)} in flight</span>
          <span class="target-status">{STATUS_WORDS[target.status]}</span>
          <More target={target} at={at} />
        </li>
      ))}
    </ul>
  );
}

function More({ target, at }: { readonly target: TargetOverview; readonly at: number }) {
  const { lastFailureAt, lastCheck, status } = target;
  const parts: string[] = [];
  if (lastFailureAt !== null) parts.push(`last failure ${ago(at - lastFailureAt)}`);
  if (lastCheck !== null && (status !== 'healthy' || !lastCheck.ok)) parts.push(`check: ${lastCheck.detail}`);
  return parts.length === 0 ? null : <span class="target-more">{parts.join(' · ')}</span>;
}
