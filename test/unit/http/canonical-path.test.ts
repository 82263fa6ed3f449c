import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalPath } from '../../../src/http/canonical-path.ts';
import { Refusal } from '../../../src/http/refusal.ts';

function pathOf(target: string): string {
  const result = canonicalPath(target);
  if (result instanceof Refusal) throw result;
  return result.path;
}

function refusalOf(target: string): Refusal {
  const result = canonicalPath(target);
  if (!(result instanceof Refusal))
    throw new Error(`${JSON.stringify(target)} was accepted as ${result.path}`);
  return result;
}

describe('duty 49: the canonical path', () => {
  it.each([
    ['/', '/'],
    ['/auth/login', '/auth/login'],
    ['/auth/', '/auth/'],
    ['/a?b=//../%2f;%00', '/a'],
    ['/?', '/'],
    ['/%61%75th', '/auth'],
    ['/%7Ejo', '/~jo'],
    ['/a%40b%21', '/a@b!'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/a|b', '/a%7Cb'],
    ['/a%7cb', '/a%7Cb'],
    ['/what%3Fnow', '/what%3Fnow'],
    ['/100%25', '/100%25'],
    ['/100%25ok', '/100%25ok'],
    ['/...', '/...'],
    ['/.well-known/a..b', '/.well-known/a..b'],
    ['/__proto__/constructor', '/__proto__/constructor'],
    ['*', '*'],
  ])('of %s is %s', (target, path) => {
    expect(pathOf(target)).toBe(path);
  });

  it('writes every octet in one way, whether it came escaped or not', () => {
    const characters = fc.constantFrom(...`abzAZ019-._~!$&'()*+,=:@|^"<>{}`);
    const spelled = fc.tuple(characters, fc.constantFrom('plain', 'upper', 'lower'));
    fc.assert(
      fc.property(fc.array(spelled, { minLength: 3, maxLength: 12 }), (letters) => {
        const plain = letters.map(([character]) => character).join('');
        const mixed = letters.map(([character, spelling]) => spell(character, spelling)).join('');
        fc.pre(!/^\.\.?$/.test(plain));
        expect(pathOf(`/x${mixed}`)).toBe(pathOf(`/x${plain}`));
      }),
    );
  });

  it('never joins or splits segments, and is its own canonical path', () => {
    const target = fc.string({
      unit: fc.constantFrom('/', '%', '2', 'f', '5', 'c', 'a', '.', ';', '\\', '?', 'C', '0'),
    });
    fc.assert(
      fc.property(target, (text) => {
        const result = canonicalPath(`/${text}`);
        fc.pre(!(result instanceof Refusal));
        const raw = `/${text}`.split('?', 1)[0] ?? '';
        expect(result.path.split('/').length).toBe(raw.split('/').length);
        expect(decodeOctets(result.path)).toBe(decodeOctets(raw));
        expect(pathOf(result.path)).toBe(result.path);
      }),
      { numRuns: 2000 },
    );
  });
});

function spell(character: string, how: string): string {
  if (how === 'plain') return character;
  const digits = character.charCodeAt(0).toString(16).padStart(2, '0');
  return `%${how === 'upper' ? digits.toUpperCase() : digits}`;
}

function decodeOctets(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

describe('duty 50: a path that servers disagree on is refused', () => {
  it.each([
    ['an encoded slash', ['/a%2fb', '/a%2Fb', '/%2f', '/auth%2f..%2fadmin']],
    ['a backslash', ['/a\\b', '/a%5cb', '/a%5Cb']],
    ['a NUL or another control byte', ['/a%00', '/a\0', '/a%0d%0ab', '/a%1f', '/a%7f', '/a\x7f', '/a\tb']],
    ['a dot segment', ['/.', '/..', '/a/./b', '/a/../b', '/a/..', '/a/.']],
    ['an encoded dot segment', ['/%2e', '/%2e%2e/x', '/.%2e/x', '/a/%2E./b', '/a/%2e%2E']],
    ['invalid percent-encoding', ['/%', '/a%', '/a%2', '/a%zz', '/%%32f', '/%u002f', '/% 41']],
    ['double encoding', ['/%252f', '/%252e%252e/', '/%255c', '/%2500', '/%253b', '/%25252f', '/%2561dmin']],
    ['double encoding with an encoded second round', ['/%25%32%66', '/%252%66', '/%25%32f']],
    ['an empty segment', ['//', '//a', '/a//b', '/a//']],
    ['a semicolon', ['/a;b', '/..;/admin', '/a%3bb', '/a%3B', '/;']],
    ['an overlong slash or dot', ['/%c0%af', '/%c0%ae%c0%ae/', '/%c1%9c', '/%e0%80%af', '/%F0%80%80%AF']],
    ['what is no character of a target', ['/a b', '/a#b', '/caf\u00e9', '/\u4e2d']],
    ['another form than origin-form', ['', 'a', 'http://a/b', '?a', '%2f', '**']],
  ])('%s', (_what, targets) => {
    for (const target of targets) {
      const refusal = refusalOf(target);
      expect(refusal.code).toBe('AMBIGUOUS_PATH');
      expect(refusal.status).toBe(400);
    }
  });

  it('but not for anything in the query', () => {
    expect(pathOf('/a?x=%2f..;\\%zz%00')).toBe('/a');
  });

  it('says what is wrong without repeating what was sent', () => {
    expect(refusalOf('/<script>/%2f').message).toContain('encoded "/"');
    expect(refusalOf('/<script>/%2f').message).not.toContain('script');
  });
});
