import { styleText } from 'node:util';
import type { Environment } from '../../config/yaml/environment-references.ts';
import type { Screen } from '../command-io.ts';

type Paint = (text: string) => string;

/** Colours as an addition: whatever they say stands there in words as well. */
export interface Palette {
  /** Works. */
  readonly good: Paint;
  /** Fails, or is refused. */
  readonly bad: Paint;
  /** In between: is being tried, would fail, was forced. */
  readonly wary: Paint;
  readonly strong: Paint;
  readonly faint: Paint;
}

const plain: Paint = (text) => text;

const PLAIN: Palette = { good: plain, bad: plain, wary: plain, strong: plain, faint: plain };

const paint =
  (format: Parameters<typeof styleText>[0]): Paint =>
  (text) =>
    styleText(format, text, { validateStream: false });

/** The sixteen colours that every terminal theme defines, so that they can be read on a dark and on a light one. */
const COLOURS: Palette = {
  good: paint('green'),
  bad: paint('red'),
  wary: paint('yellow'),
  strong: paint('bold'),
  faint: paint('dim'),
};

export function paletteFor(screen: Screen, env: Environment): Palette {
  return wantsColours(screen, env) ? COLOURS : PLAIN;
}

/** As Node itself decides: FORCE_COLOR goes before NO_COLOR (no-color.org), and both before what the terminal can. */
function wantsColours(screen: Screen, env: Environment): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: none } = env;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (none !== undefined && none !== '') return false;
  return canRedraw(screen, env);
}

/** A terminal that understands more than characters and ends of lines. */
export function canRedraw(screen: Screen, env: Environment): boolean {
  return screen.isTTY === true && env.TERM !== 'dumb';
}
