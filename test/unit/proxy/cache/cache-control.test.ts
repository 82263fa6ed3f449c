import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCacheControl, writeCacheControl } from '../../../../src/proxy/cache/cache-control.ts';

function parsed(...values: string[]): Record<string, string> {
  return Object.fromEntries(parseCacheControl(values.flatMap((value) => ['Cache-Control', value])));
}

describe('RFC 9111 §5.2: Cache-Control', () => {
  it('has its names in lower case, its values with or without quotes, in several lines', () => {
    expect(parsed('Max-Age=5, private="Set-Cookie, X"', 'NO-STORE')).toEqual({
      'max-age': '5',
      private: 'Set-Cookie, X',
      'no-store': '',
    });
    expect(parsed(' a = "\\"b\\\\" ,, c\t,')).toEqual({ a: '"b\\', c: '' });
  });

  it('counts the first of what is repeated, and an invalid number as none left', () => {
    expect(parsed('max-age=1, max-age=2', 'max-age=3')).toEqual({ 'max-age': '1' });
    for (const bad of [
      'max-age',
      'max-age=',
      'max-age=-1',
      'max-age=1.5',
      'max-age="x"',
      'max-age=99999999999',
    ]) {
      expect(parsed(bad)).toEqual({ 'max-age': '0' });
    }
  });

  it('hides no caution behind what is wrong before it', () => {
    for (const wrong of ['="x"', '"no', 'a="b"c', ';', 'max-age=5;', 'a b', '=']) {
      expect(parsed(`${wrong}, no-store`)).toHaveProperty('no-store');
    }
    expect(parsed('private;max-age=5')).toHaveProperty('private');
  });

  it('is written so that splitting at commas and equal signs is enough to read it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const directives = parseCacheControl(['cache-control', `${text}, max-age=7`]);
        const written = writeCacheControl(directives, ['no-cache', 'max-age']) ?? '';
        for (const each of written.split(',')) expect(each.trim()).toMatch(/^(no-cache|max-age=[0-9]+)?$/);
      }),
    );
  });

  it('takes no more than linear time for what is made to be slow', () => {
    const steps = (text: string): number => {
      const from = performance.now();
      parseCacheControl(['cache-control', text]);
      return performance.now() - from;
    };
    // Quadratic, a megabyte would take minutes: this test would then run into its limit.
    for (const piece of ['a="', 'a="\\",', '"', 'a=', ' ', 'a ', ',a="b"c'])
      steps(piece.repeat(1_000_000 / piece.length));
    for (const piece of [',', ', ', 'a,', '=,', ' '])
      expect(steps(`${piece.repeat(1_000_000 / piece.length)}=`)).toBeLessThan(5000);
  });
});
