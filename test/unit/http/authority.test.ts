import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAuthority } from '../../../src/http/authority.ts';

describe('parseAuthority', () => {
  it.each([
    ['example.com', 'example.com'],
    ['EXAMPLE.com:8080', 'example.com:8080'],
    ['a', 'a'],
    ['auth_service:80', 'auth_service:80'],
    ['127.0.0.1', '127.0.0.1'],
    ['[::1]', '[::1]'],
    ['[2001:DB8::1]:443', '[2001:db8::1]:443'],
    ['example.com:', 'example.com'],
    ['[::1]:', '[::1]'],
    ['a:0', 'a:0'],
    ['a:65535', 'a:65535'],
  ])('reads %j as %j', (text, authority) => {
    expect(parseAuthority(text)).toBe(authority);
  });

  it.each([
    '',
    ':80',
    ' ',
    'a b',
    'a,b',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    'user@a',
    'a:b',
    'a:80:80',
    'a:65536',
    'a:-1',
    'a:+1',
    'a:000080',
    '::1',
    '[::1',
    '::1]',
    '[::1]x',
    '[::1%25eth0]',
    '[::1%eth0]',
    '[v1.a]',
    '[127.0.0.1]',
    '[]',
    'a%2eb',
    'é.com',
    `${'a'.repeat(256)}`,
    'a;b',
    "a'b",
    'a"b',
    'a\tb',
    'a\0',
  ])('refuses %j', (text) => {
    expect(parseAuthority(text)).toBeNull();
  });

  it('reads its own result as itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 20 }), (text) => {
        const authority = parseAuthority(text);
        if (authority !== null) expect(parseAuthority(authority)).toBe(authority);
      }),
    );
  });
});
