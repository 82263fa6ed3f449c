import type { Overview, UpstreamOverview } from '../../admin/live/live-types.ts';
import type { AdminCallError } from '../admin/admin-call-error.ts';
import type { CommandIo } from '../command-io.ts';
import { oneLine } from '../terminal/one-line.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { screenWidth } from '../terminal/screen-width.ts';
import { cut } from '../terminal/text-width.ts';
import { localTime } from '../terminal/words.ts';
import { isUp } from './breaker-row.ts';
import { renderStatus } from './render-status.ts';

/** The terminal's second screen, as pagers and editors use it: what stood on the first is untouched. */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** A watch for people: one table that is redrawn in place, and left behind as it was last. */
export class LiveTable implements Disposable {
  readonly #io: CommandIo;
  readonly #palette: Palette;
  readonly #redraw = (): void => this.#draw();
  #overview: Overview | null = null;
  #lost: AdminCallError | null = null;

  constructor(io: CommandIo) {
    this.#io = io;
    this.#palette = paletteFor(io.outScreen, io.env);
    io.outScreen.on('resize', this.#redraw);
    io.out(ENTER);
  }

  show(overview: Overview): void {
    this.#overview = overview;
    this.#lost = null;
    this.#draw();
  }

  lost(error: AdminCallError): void {
    this.#lost = error;
    this.#draw();
  }

  [Symbol.dispose](): void {
    this.#io.outScreen.off('resize', this.#redraw);
    this.#io.out(`${LEAVE}${this.#lines().join('\n')}\n`);
  }

  #draw(): void {
    const rows = this.#io.outScreen.rows || Number.POSITIVE_INFINITY;
    const lines = [...this.#lines(), '', this.#palette.faint('Ctrl-C ends')];
    const shown =
      lines.length <= rows
        ? lines
        : [...this.#lines(sickFirst).slice(0, rows - 1), this.#palette.faint(this.#fit('… more below'))];
    // Overwritten line by line instead of cleared first, which would flicker.
    const text = shown.map((line) => `${line}${CLEAR_LINE}`).join('\r\n');
    this.#io.out(`${HOME}${text}${CLEAR_BELOW}`);
  }

  #lines(order = (overview: Overview): Overview => overview): string[] {
    if (this.#overview === null) return [];
    const overview = order(this.#overview);
    const width = screenWidth(this.#io.outScreen, this.#io.env);
    const lines = renderStatus(overview, { width, palette: this.#palette });
    if (this.#lost === null) return lines;
    const { bad, faint } = this.#palette;
    return [
      bad(this.#fit(`gateway unreachable, trying again: ${oneLine(this.#lost.message)}`)),
      faint(this.#fit(`as it was at ${localTime(overview.at)}:`)),
      ...lines,
    ];
  }

  #fit(text: string): string {
    return cut(text, screenWidth(this.#io.outScreen, this.#io.env));
  }
}

/** Where there is no room for all, for what somebody watches. */
function sickFirst(overview: Overview): Overview {
  const sick = ({ breaker, targets }: UpstreamOverview): boolean =>
    breaker.state !== 'CLOSED' || !targets.every(isUp);
  const { upstreams } = overview;
  return { ...overview, upstreams: [...upstreams.filter(sick), ...upstreams.filter((one) => !sick(one))] };
}
