import type { TrafficSample } from '../../admin/live/live-types.ts';
import type { Outage } from '../live/outages.ts';
import { latency, rate } from '../words/format.ts';
import { Chart } from './chart.tsx';
import type { ChartSeries } from './chart-options.ts';

const REQUESTS: readonly ChartSeries[] = [
  { label: 'Answered', colour: '--series-ok', fill: true, pick: ({ rates }) => rates.ok },
  {
    label: 'Client errors',
    colour: '--series-client',
    dash: [2, 3],
    pick: ({ rates }) => rates.clientErrors,
  },
  { label: 'Server errors', colour: '--series-bad', pick: ({ rates }) => rates.serverErrors },
  { label: 'Rejected', colour: '--series-rejected', dash: [6, 3], pick: ({ rates }) => rates.rejected },
  {
    label: 'Fallbacks',
    colour: '--series-fallback',
    dash: [8, 3, 2, 3],
    pick: ({ rates }) => rates.fallbacks,
  },
];

const LATENCY: readonly ChartSeries[] = [
  { label: '50%', colour: '--series-p50', fill: true, pick: (sample) => sample.latency.p50 },
  { label: '95%', colour: '--series-p95', dash: [6, 3], pick: (sample) => sample.latency.p95 },
  { label: '99%', colour: '--series-p99', dash: [2, 3], pick: (sample) => sample.latency.p99 },
];

const QUIET = 'No requests in all this time.';

interface Props {
  readonly samples: readonly TrafficSample[];
  readonly outages: readonly Outage[];
  /** There were requests since the start, if not in the time that is shown. */
  readonly used: boolean;
}

export function TrafficSection({ samples, outages, used }: Props) {
  return (
    <section aria-labelledby="traffic-title" class="traffic">
      <div class="section-head">
        <h2 id="traffic-title">Traffic</h2>
        {outages.length > 0 && (
          <p class="section-note">
            <span class="outage-key" aria-hidden="true" /> a breaker was open
          </p>
        )}
      </div>
      <Chart
        title="Requests"
        unit="a second; rejected ones end as errors or fallbacks"
        series={REQUESTS}
        samples={samples}
        outages={outages}
        format={rate}
        empty={used ? QUIET : 'No requests yet. The first one draws a line here.'}
      />
      <Chart
        title="Latency"
        unit="share of requests answered within"
        series={LATENCY}
        samples={samples}
        outages={outages}
        format={latency}
        empty={used ? QUIET : 'No answers yet, so nothing to time.'}
      />
    </section>
  );
}
