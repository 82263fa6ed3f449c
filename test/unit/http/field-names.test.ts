import { describe, expect, it } from 'vitest';
import { firstValue, isFieldValue, isToken, listMembers } from '../../../src/http/field-names.ts';

describe('field names and values', () => {
  it('duty 7: a name is one or more token characters', () => {
    expect(isToken("X-a!#$%&'*+.^_`|~9")).toBe(true);
    for (const bad of ['', 'a b', 'a:', 'a(', 'a\t', 'é', 'a\0', 'a/', '\x7f'])
      expect(isToken(bad)).toBe(false);
  });

  it('duty 6: a value has no CR, LF, NUL nor other control character', () => {
    expect(isFieldValue('a b\tc \xe9')).toBe(true);
    expect(isFieldValue('')).toBe(true);
    for (const bad of ['a\rb', 'a\nb', 'a\0b', '\x01', '\x7f', 'ł']) expect(isFieldValue(bad)).toBe(false);
  });

  it('finds the first of several fields, whatever the case, and none by a prefix', () => {
    expect(firstValue(['HosT', 'a', 'host', 'b'], 'host')).toBe('a');
    expect(firstValue(['Hosts', 'a'], 'host')).toBeUndefined();
    expect(firstValue(['__proto__', 'a'], '__proto__')).toBe('a');
    expect(firstValue([], 'constructor')).toBeUndefined();
  });

  it('takes the lines of a list field together and drops empty members', () => {
    expect(listMembers(['Connection', 'Close, ,x', 'connection', ' TE'], 'connection')).toEqual([
      'close',
      'x',
      'te',
    ]);
  });
});
