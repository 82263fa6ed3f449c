import type uPlot from 'uplot';
import type { TrafficSample } from '../../admin/live/live-types.ts';
import type { Outage } from '../live/outages.ts';

/** One line of a chart. Lines differ in their dashes too, not only in colour. */
export interface ChartSeries {
  readonly label: string;
  /** A custom property of the style sheet. */
  readonly colour: string;
  readonly dash?: readonly number[];
  readonly fill?: boolean;
  readonly pick: (sample: TrafficSample) => number | null;
}

interface OptionParts {
  readonly width: number;
  readonly height: number;
  readonly series: readonly ChartSeries[];
  readonly format: (value: number) => string;
  /** Asked whenever it is drawn. */
  readonly outages: () => readonly Outage[];
  /** The index under the pointer, null when it is gone. */
  readonly onCursor: (index: number | null) => void;
}

/** All charts of the page move their cursors together. */
const SYNC_KEY = 'traffic';

export function chartOptions(parts: OptionParts): uPlot.Options {
  const colour = colours();
  const axis = { stroke: colour('--ink-3'), font: `11px ${fontFamily()}`, ticks: { show: false } };
  return {
    width: parts.width,
    height: parts.height,
    padding: [10, 4, 0, 0],
    legend: { show: false },
    scales: { x: { time: true }, y: { range: (_, __, max) => [0, niceTop(max)] } },
    cursor: {
      sync: { key: SYNC_KEY, setSeries: false },
      drag: { x: false, y: false },
      points: { size: 7, width: 2 },
      y: false,
    },
    axes: [
      { ...axis, size: 26, gap: 6, space: 70, grid: { show: false }, values: timeLabels },
      {
        ...axis,
        size: 52,
        gap: 8,
        space: 34,
        grid: { stroke: colour('--chart-grid'), width: 1 },
        values: (_, splits) => splits.map((value) => parts.format(value)),
      },
    ],
    series: [{}, ...parts.series.map((one) => seriesOptions(one, colour))],
    hooks: {
      drawClear: [
        (chart) =>
          drawOutages(chart, parts.outages(), colour('--chart-outage'), colour('--chart-outage-edge')),
      ],
      setCursor: [({ cursor }) => parts.onCursor(cursor.idx ?? null)],
    },
  };
}

function seriesOptions(one: ChartSeries, colour: (name: string) => string): uPlot.Series {
  return {
    label: one.label,
    stroke: colour(one.colour),
    width: one.fill ? 1.5 : 1.75,
    points: { show: false },
    ...(one.dash && { dash: [...one.dash] }),
    ...(one.fill && { fill: colour(`${one.colour}-fill`) }),
  };
}

/** Behind everything: the times during which a breaker was not closed. */
function drawOutages(chart: uPlot, outages: readonly Outage[], fill: string, edge: string): void {
  const { ctx, bbox } = chart;
  const right = bbox.left + bbox.width;
  const place = (at: number): number =>
    Math.min(right, Math.max(bbox.left, chart.valToPos(at / 1000, 'x', true)));
  ctx.save();
  for (const { from, to, over } of outages) {
    const left = place(from);
    // One that goes on reaches to the edge, whatever is newer: the sample or the overview.
    const width = (over ? place(to) : right) - left;
    if (width <= 0 && left <= bbox.left) continue;
    ctx.fillStyle = fill;
    ctx.fillRect(left, bbox.top, Math.max(width, 1), bbox.height);
    ctx.fillStyle = edge;
    ctx.fillRect(left, bbox.top, Math.max(1, devicePixelRatio), bbox.height);
  }
  ctx.restore();
}

const HOUR = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const SECOND = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

function timeLabels(_: uPlot, splits: number[], __: number, ___: number, increment: number): string[] {
  const format = increment < 60 ? SECOND : HOUR;
  return splits.map((seconds) => format.format(seconds * 1000));
}

/** The next of 1, 2, 5, 10, 20, … with some room above the line. */
function niceTop(max: number | null): number {
  if (max === null || max <= 0) return 4;
  const wanted = max * 1.08;
  const magnitude = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((factor) => factor * magnitude >= wanted) ?? 10;
  return step * magnitude;
}

/** A canvas knows nothing of custom properties. */
function colours(): (name: string) => string {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}

function fontFamily(): string {
  return getComputedStyle(document.body).fontFamily;
}
