import type { Overview } from '../../admin/live/live-types.ts';
import type { Palette } from '../terminal/palette.ts';
import { type Column, table } from '../terminal/table.ts';
import { cut, textWidth } from '../terminal/text-width.ts';
import { type BreakerRow, breakerRows } from './breaker-row.ts';
import { gatewayLine, summary } from './summary.ts';

export interface Look {
  /** Columns of the terminal; Infinity: nothing is cut. */
  readonly width: number;
  readonly palette: Palette;
}

/** What `breakwater status` prints: a sentence, what is running, and the table; no line is wider than `width`. */
export function renderStatus(overview: Overview, { width, palette }: Look): string[] {
  const rows = breakerRows(overview);
  const [titles, ...lines] = table(columnsFor(rows, palette), rows, { width, paintTitle: palette.faint });
  const calm = rows.every(({ mood, targetsMood }) => mood === 'good' && targetsMood === 'good');
  const mood = overview.gateway.status === 'degraded' ? palette.bad : calm ? palette.good : palette.wary;
  return [
    ...sentences(summary(overview), width).map((line) => palette.strong(mood(line))),
    palette.faint(cut(gatewayLine(overview), width)),
    '',
    titles!,
    ...rows.flatMap(({ why }, at) =>
      why === null ? [lines[at]!] : [lines[at]!, palette.faint(cut(`  └ ${why}`, width))],
    ),
  ];
}

function columnsFor(rows: readonly BreakerRow[], palette: Palette): Column<BreakerRow>[] {
  const columns: Column<BreakerRow>[] = [
    { title: 'UPSTREAM', text: ({ upstream }) => upstream, least: 16, paint: palette.strong },
    { title: 'BREAKER', text: ({ breaker }) => breaker, least: 24, drop: 2 },
    { title: 'STATE', text: ({ state }) => state, paint: (text, { mood }) => palette[mood](text) },
    { title: 'COUNTS', text: ({ counts }) => counts, least: 16, drop: 3 },
    { title: 'NEXT PROBE', text: ({ nextProbe }) => nextProbe, drop: 1 },
    {
      title: 'TARGETS',
      text: ({ targets }) => targets,
      drop: 4,
      paint: (text, { targetsMood }) => (targetsMood === 'good' ? text : palette[targetsMood](text)),
    },
    { title: 'REQUESTS', text: ({ requests }) => requests, right: true, drop: 5 },
    { title: 'FAILED', text: ({ failed }) => failed, right: true, drop: 6 },
  ];
  return columns.filter(({ title }) => {
    if (title === 'BREAKER') return rows.some(({ breaker, upstream }) => breaker !== upstream);
    return title !== 'NEXT PROBE' || rows.some(({ nextProbe }) => nextProbe !== '–');
  });
}

/** Sentences, not names, are broken into lines: nothing of them is to be lost. */
function sentences(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length === 0) lines.push(word);
    else if (textWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => cut(line, width));
}
