import { useState } from 'preact/hooks';
import type { TrafficSample } from '../../admin/live/live-types.ts';
import { minuteOfDay } from '../words/format.ts';
import type { ChartSeries } from './chart-options.ts';

interface Props {
  readonly title: string;
  readonly series: readonly ChartSeries[];
  readonly samples: readonly TrafficSample[];
  readonly format: (value: number) => string;
}

/** The same as the lines, for those who cannot see them or want the numbers: the highest of each minute. */
export function ChartTable({ title, series, samples, format }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <details class="chart-table" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{title} as a table</summary>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <section class="table-scroll" tabIndex={0} aria-label={`${title}, the highest of each minute`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Minute</th>
                {series.map(({ label }) => (
                  <th key={label} scope="col">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {minutes(samples).map(([minute, within]) => (
                <tr key={minute}>
                  <th scope="row">{minute}</th>
                  {series.map(({ label, pick }) => (
                    <td key={label}>{highest(within.map(pick), format)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}

/** Newest first. */
function minutes(samples: readonly TrafficSample[]): [string, TrafficSample[]][] {
  return [...Map.groupBy(samples.toReversed(), ({ at }) => minuteOfDay(at))];
}

function highest(values: readonly (number | null)[], format: (value: number) => string): string {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? '–' : format(Math.max(...known));
}
