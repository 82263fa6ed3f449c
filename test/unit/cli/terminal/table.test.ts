import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Column, table } from '../../../../src/cli/terminal/table.ts';
import { textWidth } from '../../../../src/cli/terminal/text-width.ts';

type Row = readonly [name: string, state: string, note: string];

const COLUMNS: Column<Row>[] = [
  { title: 'NAME', text: ([name]) => name, least: 6 },
  { title: 'STATE', text: ([, state]) => state, paint: (text) => `\u001b[31m${text}\u001b[39m` },
  { title: 'NOTE', text: ([, , note]) => note, least: 8, drop: 1 },
  { title: 'N', text: ([name]) => String(name.length), right: true, drop: 2 },
];
const ROWS: Row[] = [
  ['auth', 'open', 'a note that goes on for long'],
  ['学校サービス', 'closed', ''],
];

function lines(width: number): string[] {
  return table(COLUMNS, ROWS, { width, paintTitle: (text) => text });
}

describe('a table', () => {
  it('shows everything where there is room, in columns that stand below each other', () => {
    const plain = lines(Number.POSITIVE_INFINITY).map(stripVTControlCharacters);
    expect(plain).toEqual([
      'NAME          STATE   NOTE                          N',
      'auth          open    a note that goes on for long  4',
      '学校サービス  closed                                6',
    ]);
  });

  it('cuts what is widest first, and then leaves out the least important column', () => {
    expect(lines(40)[1]).toContain('a note that go…');
    expect(lines(27)[0]).toMatch(/NAME +STATE +NOTE +N$/);
    expect(lines(26)[0]).toMatch(/NAME +STATE +NOTE$/);
    expect(lines(23)[0]).toMatch(/NAME +STATE$/);
    expect(lines(17)[2]).toContain('学校サー…');
  });

  it('is never wider than the terminal, not even than a very narrow one', () => {
    for (let width = 4; width < 70; width++) {
      for (const line of lines(width))
        expect(textWidth(line), `${width}: ${line}`).toBeLessThanOrEqual(width);
    }
  });
});
