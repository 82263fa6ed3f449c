import { describe, expect, it } from 'vitest';
import { paletteFor } from '../../../../src/cli/terminal/palette.ts';
import { FakeScreen } from '../fake-io.ts';

const terminal = new FakeScreen(80);
const pipe = new FakeScreen();
const RED = '\u001b[31mx\u001b[39m';

describe('colours', () => {
  it.each([
    ['on a terminal', terminal, {}, RED],
    ['not in a pipe', pipe, {}, 'x'],
    ['not with NO_COLOR', terminal, { NO_COLOR: '1' }, 'x'],
    ['with an empty NO_COLOR', terminal, { NO_COLOR: '' }, RED],
    ['not on a terminal that knows none', terminal, { TERM: 'dumb' }, 'x'],
    ['in a pipe with FORCE_COLOR', pipe, { FORCE_COLOR: '1' }, RED],
    ['in a pipe with FORCE_COLOR over NO_COLOR', pipe, { FORCE_COLOR: '', NO_COLOR: '1' }, RED],
    ['not with FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, 'x'],
  ])('%s', (_, screen, env, expected) => {
    expect(paletteFor(screen, env).bad('x')).toBe(expected);
  });
});
