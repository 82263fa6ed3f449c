import type { UpstreamOverview } from '../../admin/live/live-types.ts';
import { rate } from '../words/format.ts';
import { FailureList } from './failure-list.tsx';
import { Sparkline } from './sparkline.tsx';
import { TargetList } from './target-list.tsx';
import type { UpstreamTraffic } from './upstream-traffic.ts';
import { UseMeter } from './use-meter.tsx';

interface Props {
  readonly upstream: UpstreamOverview;
  readonly at: number;
  readonly traffic: UpstreamTraffic;
}

/** Traffic, targets, bulkhead and the last failures of an upstream. */
export function UpstreamDetail({ upstream, at, traffic }: Props) {
  const now = traffic.samples.at(-1)?.upstreams[traffic.index];
  const { bulkhead, failures, targets } = upstream;
  return (
    <>
      <div class="card-traffic">
        <p class="card-rate">
          <span>
            <b class="number">{rate(now?.requests ?? 0)}</b> req/s
          </span>
          {now !== undefined && now.failures > 0 && (
            <span class="card-failures">
              <b class="number">{rate(now.failures)}</b> failed
            </span>
          )}
        </p>
        <Sparkline {...traffic} />
      </div>
      <TargetList targets={targets} at={at} />
      {bulkhead && <UseMeter bulkhead={bulkhead} />}
      {failures.length > 0 && <FailureList failures={failures} label="Last failures" />}
    </>
  );
}
