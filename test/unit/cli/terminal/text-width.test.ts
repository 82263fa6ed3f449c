import { describe, expect, it } from 'vitest';
import { oneLine } from '../../../../src/cli/terminal/one-line.ts';
import { cut, pad, textWidth } from '../../../../src/cli/terminal/text-width.ts';

describe('textWidth', () => {
  it.each([
    ['', 0],
    ['auth', 4],
    ['✓ closed…', 9],
    ['学校サービス', 12],
    ['한국어', 6],
    ['ｆｕｌｌ', 8],
    ['e\u0301tude', 5],
    ['👩‍🏫', 2],
    ['🇩🇪', 2],
    ['❤️', 2],
    ['a\u200bb', 2],
    ['\u001b[31mred\u001b[39m', 3],
  ])('of %j is %i', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });
});

describe('cut', () => {
  it.each([
    ['auth-service-http', 17, 'auth-service-http'],
    ['auth-service-http', 16, 'auth-service-ht…'],
    ['auth', 1, '…'],
    ['two words', 5, 'two…'],
    // Five columns are two and a half of these: the half is not drawn.
    ['学校サービス', 6, '学校…'],
    ['学校サービス', 5, '学校…'],
    ['学校サービス', 4, '学…'],
    ['👩‍🏫👩‍🏫', 3, '👩‍🏫…'],
  ])('%j to %i columns is %j', (text, width, expected) => {
    expect(cut(text, width)).toBe(expected);
    expect(textWidth(cut(text, width))).toBeLessThanOrEqual(width);
  });
});

describe('pad', () => {
  it('fills up to columns, not to characters', () => {
    expect(pad('学校', 6)).toBe('学校  ');
    expect(pad('7', 3, true)).toBe('  7');
    expect(pad('\u001b[31mred\u001b[39m', 4)).toBe('\u001b[31mred\u001b[39m ');
    expect(pad('longer', 3)).toBe('longer');
  });
});

describe('oneLine', () => {
  it('leaves nothing in a text that could turn the terminal', () => {
    expect(oneLine('a\u001b[2J\u001b]0;title\u0007b\r\n\tc\u0000d')).toBe('ab c d');
    expect(oneLine('safe\u202eevil\u2028x')).toBe('safe evil x');
    expect(oneLine('学校 – ok')).toBe('学校 – ok');
  });
});
