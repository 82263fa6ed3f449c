import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { TrafficSample } from '../../admin/live/live-types.ts';
import type { Outage } from '../live/outages.ts';
import { useThemeVersion } from '../live/theme.ts';
import { timeOfDay } from '../words/format.ts';
import { type ChartSeries, chartOptions } from './chart-options.ts';
import { ChartTable } from './chart-table.tsx';
import { windowStart } from './chart-window.ts';
import { SeriesKey } from './series-key.tsx';

const HEIGHT = 190;

interface Props {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly ChartSeries[];
  readonly samples: readonly TrafficSample[];
  readonly outages: readonly Outage[];
  readonly format: (value: number) => string;
  readonly empty: string;
}

/** Lines over time, with what they say at the pointer, or now, above them, and the same as a table below. */
export function Chart({ title, unit, series, samples, outages, format, empty }: Props) {
  const id = useId();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const shaded = useRef(outages);
  const [pointed, setPointed] = useState<number | null>(null);
  const theme = useThemeVersion();
  const data = useMemo(() => aligned(samples, series), [samples, series]);
  shaded.current = outages;

  // Anew with each theme: a canvas has its colours painted in.
  useEffect(() => {
    const box = place.current!;
    const made = new uPlot(
      chartOptions({
        width: box.clientWidth,
        height: HEIGHT,
        series,
        format,
        outages: () => shaded.current,
        onCursor: setPointed,
      }),
      [[], ...series.map(() => [])],
      box,
    );
    chart.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: HEIGHT }));
    resized.observe(box);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, [theme, series, format]);

  useEffect(() => {
    const last = samples.at(-1)?.at ?? Date.now();
    chart.current?.batch((one: uPlot) => {
      one.setData(data, false);
      one.setScale('x', { min: windowStart(samples, last) / 1000, max: last / 1000 });
    });
  }, [data, outages.length, theme]);

  const shown = pointed === null ? samples.at(-1) : samples[pointed];
  const quiet = samples.every((sample) => series.every(({ pick }) => !pick(sample)));
  return (
    <figure class="chart" aria-labelledby={id}>
      <figcaption id={id}>
        <b>{title}</b> {unit}
        <span class="chart-moment number">{pointed === null || !shown ? 'now' : timeOfDay(shown.at)}</span>
      </figcaption>
      <ul class="chart-keys">
        {series.map((one) => (
          <SeriesKey key={one.label} series={one} value={shown ? one.pick(shown) : null} format={format} />
        ))}
      </ul>
      <div class="chart-place">
        <div ref={place} class="chart-canvas" aria-hidden="true" />
        {quiet && (
          <p class="chart-empty">
            <span>{empty}</span>
          </p>
        )}
      </div>
      <ChartTable title={title} series={series} samples={samples} format={format} />
    </figure>
  );
}

/** Lines that lie on the ground all the time are left out: five of them on each other are a line of no colour. */
function aligned(samples: readonly TrafficSample[], series: readonly ChartSeries[]): uPlot.AlignedData {
  const lines = series.map(({ pick }) => samples.map(pick));
  const none = samples.map(() => null);
  return [samples.map(({ at }) => at / 1000), ...lines.map((line) => (line.some(Boolean) ? line : none))];
}
