import type { ChartSeries } from './chart-options.ts';

interface Props {
  readonly series: ChartSeries;
  readonly value: number | null;
  readonly format: (value: number) => string;
}

/** How a line looks, what it is, and its value. */
export function SeriesKey({ series, value, format }: Props) {
  return (
    <li class="series-key">
      <svg viewBox="0 0 22 8" width="22" height="8" aria-hidden="true">
        <path
          d="M1 4h20"
          class={`series-stroke ${series.colour.slice(2)}`}
          stroke-dasharray={series.dash?.join(' ')}
        />
      </svg>
      <span class="series-label">{series.label}</span>
      <span class="series-value number">{value === null ? '–' : format(value)}</span>
    </li>
  );
}
