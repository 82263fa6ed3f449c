import { cut, pad, textWidth } from './text-width.ts';

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  /** Gives the text its colour, after it was cut. @default none */
  readonly paint?: ((text: string, row: Row) => string) | undefined;
  /** Columns that it may be cut down to. @default never cut */
  readonly least?: number | undefined;
  /** Goes when there is no room: the highest first. @default never */
  readonly drop?: number | undefined;
  /** For numbers. @default false */
  readonly right?: boolean | undefined;
}

export interface TableOptions {
  /** Columns of the terminal; Infinity: nothing is cut. */
  readonly width: number;
  readonly paintTitle: (text: string) => string;
}

const GAP = '  ';

/**
 * A table whose lines never wrap: what is too wide is cut, and after that the least important columns go.
 *
 * @returns the line of titles and one for each row, in their order
 */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, paintTitle }: TableOptions,
): string[] {
  const { shown, widths } = layOut(columns, rows, width);
  const line = (cell: (column: Column<Row>, width: number) => string): string =>
    shown.map((column, at) => cell(column, widths[at]!)).join(GAP);
  const titles = line(({ title, right }, own) => pad(cut(title, own), own, right));
  return [
    paintTitle(titles.trimEnd()),
    ...rows.map((row) =>
      line(({ text, paint, right }, own) => {
        const short = cut(text(row), own);
        return pad(paint === undefined ? short : paint(short, row), own, right);
      }).trimEnd(),
    ),
  ];
}

interface Layout<Row> {
  readonly shown: readonly Column<Row>[];
  readonly widths: readonly number[];
}

function layOut<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): Layout<Row> {
  const widths = columns.map(({ title, text }) =>
    rows.reduce((widest, row) => Math.max(widest, textWidth(text(row))), textWidth(title)),
  );
  const room = width - GAP.length * (columns.length - 1);
  const leasts = columns.map(({ least }, at) => least ?? widths[at]!);
  if (shrink(widths, leasts, room)) return { shown: columns, widths };
  const last = leastImportant(columns);
  if (last !== null) {
    const others = columns.filter((column) => column !== last);
    return layOut(others, rows, width);
  }
  // Hardly a terminal: what matters most is still there, in part.
  shrink(
    widths,
    columns.map(() => 1),
    room,
  );
  return { shown: columns, widths };
}

/** Takes one character at a time off the widest, so that all of them stay as readable as they can. */
function shrink(widths: number[], leasts: readonly number[], room: number): boolean {
  let tooMuch = widths.reduce((sum, width) => sum + width, 0) - room;
  for (; tooMuch > 0; tooMuch--) {
    let widest = -1;
    widths.forEach((width, at) => {
      if (width > leasts[at]! && (widest === -1 || width > widths[widest]!)) widest = at;
    });
    if (widest === -1) return false;
    widths[widest]!--;
  }
  return true;
}

function leastImportant<Row>(columns: readonly Column<Row>[]): Column<Row> | null {
  let found: Column<Row> | null = null;
  for (const column of columns) {
    if (column.drop !== undefined && column.drop > (found?.drop ?? 0)) found = column;
  }
  return found;
}
