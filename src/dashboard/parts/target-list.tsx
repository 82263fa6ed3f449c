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
          <span class="target-status">{STATUS_WORDS[target.status]}</span>
          <span class="target-more">{more(target, at)}</span>
        </li>
      ))}
    </ul>
  );
}

function more({ inFlight, lastFailureAt, lastCheck, status }: TargetOverview, at: number): string {
  const parts = [`${count(inFlight)} in flight`];
  if (lastFailureAt !== null) parts.push(`last failure ${ago(at - lastFailureAt)}`);
  if (lastCheck !== null && (status !== 'healthy' || !lastCheck.ok)) parts.push(`check: ${lastCheck.detail}`);
  return parts.join(' · ');
}
