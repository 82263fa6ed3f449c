import { describe, expect, it } from 'vitest';
import { editDistance, suggest, suggestion } from '../../../src/config/suggest.ts';

describe('the distance of two words', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['', 'abc', 3],
    ['target', 'targets', 1],
    ['pahts', 'paths', 1],
    ['kitten', 'sitting', 3],
  ])('%j and %j are %i apart', (one, other, distance) => {
    expect(editDistance(one, other)).toBe(distance);
    expect(editDistance(other, one)).toBe(distance);
  });
});

describe('a suggestion', () => {
  const keys = ['failure_threshold', 'success_threshold', 'open_timeout', 'mode'];

  it('is the nearest word', () => {
    expect(suggest('failure_treshold', keys)).toBe('failure_threshold');
    expect(suggest('Open_Timeout', keys)).toBe('open_timeout');
    expect(suggest('modes', keys)).toBe('mode');
  });

  it('is not made from what merely has some letters in common', () => {
    expect(suggest('window', keys)).toBeNull();
    expect(suggest('bulkhead', keys)).toBeNull();
  });

  it('else lists what there is, but never thousands', () => {
    expect(suggestion('window', keys)).toBe(`known here: ${keys.join(', ')}`);
    const many = Array.from({ length: 5000 }, (_, index) => `upstream-number-${index}`);
    expect(suggestion('x', many)).toMatch(/and 4980 more$/);
    expect(suggestion('x', [])).toBe('there is none');
  });
});
