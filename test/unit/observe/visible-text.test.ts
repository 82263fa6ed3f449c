import { describe, expect, it } from 'vitest';
import { clippedText, visibleText } from '../../../src/observe/visible-text.ts';

describe('text for a log', () => {
  it.each([
    ['plain text', 'plain text'],
    ['übergroß 漢字 😀', 'übergroß 漢字 😀'],
    ['\u001b[31m', '\\x1b[31m'],
    ['a\r\n\tb\0', 'a\\x0d\\x0a\\x09b\\x00'],
    ['\u007f\u009b', '\\x7f\\x9b'],
    ['\u202egnp\u2066\u200b', '\\u202egnp\\u2066\\u200b'],
    ['\u2028\u2029', '\\u2028\\u2029'],
    ['\u{e0001}', '\\u{e0001}'],
    ['\ud800', '\\ud800'],
  ])('%j is shown as %s', (text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  it.each([
    ['12345', '12345'],
    ['123456', '1234…'],
    ['1234\n', '1234…'],
    ['1\n', '1\\x0a'],
  ])('%j is no longer than five characters: %s', (text, clipped) => {
    expect(clippedText(text, 5)).toBe(clipped);
  });
});
