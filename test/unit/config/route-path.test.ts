import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePrefix, parseRoutePath } from '../../../src/config/schema/route-path.ts';
import { parsePattern } from '../../../src/proxy/path-pattern.ts';
import { stripPrefix } from '../../../src/proxy/path-rewrite.ts';

describe('a route’s path', () => {
  it.each([
    '/',
    '/*',
    '/a',
    '/a/',
    '/a/*',
    '/a/:id/b',
    '/:a/:b/*',
    '/v1:batch',
    '/%2A',
    '/%3Aid',
    '/a%20b',
    '/%C3%BC',
    "/-._~!$&'()+,=@",
  ])('may be %s', (path) => {
    expect(parseRoutePath(path)).toBe(path);
  });

  it.each([
    ['a', 'must begin with "/"'],
    ['', 'must begin with "/"'],
    ['*', 'must begin with "/"'],
    ['/a?b', 'query'],
    ['/a#b', 'fragment'],
    ['/a//b', '"//"'],
    ['/a*', '"*" only as its whole last segment'],
    ['/*/a', '"*" only as its whole last segment'],
    ['/:', 'a parameter without a proper name'],
    ['/:1', 'a parameter without a proper name'],
    ['/:a-b', 'a parameter without a proper name'],
    ['/:id/:id', 'two parameters named "id"'],
    ['/a/../b', '".." segment'],
    ['/.', '".." segment'],
    ['/%2e%2e/a', '".." segment'],
    ['/a%2fb', 'contains %2f, which no request may'],
    ['/a%5Cb', 'contains %5C'],
    ['/a%00', 'contains %00'],
    ['/a%3Bb', 'contains %3B'],
    ['/a;b', 'contains ";"'],
    ['/a\\b', 'which no request may'],
    ['/%', 'two hexadecimal digits'],
    ['/%zz', 'two hexadecimal digits'],
    ['/%252e', 'percent-encoded twice'],
    ['/%C0%AF', 'overlong'],
    ['/%61', 'write "a"'],
    ['/%c3%bc', 'write "%C3%BC"'],
    ['/ü', 'write "%C3%BC"'],
    ['/a b', 'write "a%20b"'],
    ['/\ud800', 'half of a character'],
  ])('cannot be %s', (path, message) => {
    expect(() => parseRoutePath(path)).toThrow(message);
  });

  const segments = fc.oneof(
    { weight: 3, arbitrary: fc.stringMatching(/^[a-z0-9%:*.;@~-]{0,6}$/) },
    fc.constantFrom('*', ':id', ':x', '..', '%2A', '%3A', '%25', '%2F', '%C3%BC', '%c3', '%41'),
    fc.string({ maxLength: 4 }),
  );

  it('that is accepted is one that the router accepts, spelled as the router compares it', () => {
    fc.assert(
      fc.property(fc.array(segments, { minLength: 1, maxLength: 4 }), (parts) => {
        const path = `/${parts.join('/')}`;
        if (!accepts(path)) return;
        const spelled = parsePattern(path).map((segment) => {
          if (segment.kind === 'rest') return '*';
          return segment.kind === 'param' ? `:${segment.name}` : segment.text;
        });
        const undone = path.slice(1).replaceAll('%2A', '*').replaceAll('%3A', ':');
        expect(spelled.join('/')).toBe(undone);
      }),
      { numRuns: 2000 },
    );
  });

  function accepts(path: string): boolean {
    try {
      parseRoutePath(path);
      return true;
    } catch {
      return false;
    }
  }
});

describe('a prefix to strip', () => {
  it('has literal segments only and no slash at its end', () => {
    expect(parsePrefix('/a/b')).toBe('/a/b');
    for (const prefix of ['/', '/a/', '/*', '/:id', 'a']) expect(() => parsePrefix(prefix)).toThrow();
  });

  it('is one that the router can strip', () => {
    expect(() => stripPrefix(parsePrefix('/a/b'), parsePattern('/a/*'))).not.toThrow();
  });
});
