import type { Overview } from '../../admin/live/live-types.ts';
import type { AdminCallError } from '../admin/admin-call-error.ts';
import type { CommandIo } from '../command-io.ts';
import { type Palette, paletteFor } from '../terminal/palette.ts';
import { screenWidth } from '../terminal/screen-width.ts';
import { localTime } from '../terminal/words.ts';
import { LostNotice } from './lost-notice.ts';
import { renderStatus } from './render-status.ts';

/** A watch for files, pipes and terminals that cannot redraw: a new table each time that a state has changed. */
export class ChangeLog implements Disposable {
  readonly #io: CommandIo;
  readonly #palette: Palette;
  readonly #notice: LostNotice;
  #shown = '';

  constructor(io: CommandIo) {
    this.#io = io;
    this.#palette = paletteFor(io.outScreen, io.env);
    this.#notice = new LostNotice(io);
  }

  show(overview: Overview): void {
    this.#notice.back();
    const now = states(overview);
    if (now === this.#shown) return;
    const { outScreen, env } = this.#io;
    const look = { width: screenWidth(outScreen, env), palette: this.#palette };
    const apart = this.#shown === '' ? '' : '\n';
    this.#shown = now;
    this.#io.out(
      `${apart}${this.#palette.faint(localTime(overview.at))}\n${renderStatus(overview, look).join('\n')}\n`,
    );
  }

  lost(error: AdminCallError): void {
    this.#notice.lost(error);
  }

  [Symbol.dispose](): void {}
}

/** What a new table is worth: not the counters, which never stand still. */
function states({ gateway, upstreams, cacheBreaker }: Overview): string {
  const breakers = [
    ...upstreams.map(({ breaker }) => breaker),
    ...(cacheBreaker === null ? [] : [cacheBreaker]),
  ];
  return JSON.stringify([
    gateway.startedAt,
    breakers.map(({ name, state, mode, forced, wouldBe }) => [name, state, mode, forced, wouldBe]),
    upstreams.map(({ targets }) =>
      targets.map(({ url, status }) => [url, status === 'unknown' ? 'healthy' : status]),
    ),
  ]);
}
