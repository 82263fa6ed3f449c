import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONNECTION,
  CONTENT_LENGTH,
  FORWARDING,
  fieldInfo,
  fieldInfoAt,
  HAS_UNDERSCORE,
  HOP_BY_HOP,
  NOT_IN_REQUESTS,
  OF_THE_LANE,
} from '../../../src/http/field-info.ts';
import { isToken } from '../../../src/http/field-names.ts';

describe('what is known of a field by its name', () => {
  it.each([
    ['Connection', CONNECTION | NOT_IN_REQUESTS],
    ['content-length', CONTENT_LENGTH | NOT_IN_REQUESTS],
    ['X-Anything', 0],
    ['X-Request-Id', NOT_IN_REQUESTS],
    ['X_Request_Id', NOT_IN_REQUESTS | HAS_UNDERSCORE],
    ['Content_Length', NOT_IN_REQUESTS | HAS_UNDERSCORE],
    ['X-Forwarded-Whatever', FORWARDING],
    ['x_real_ip', FORWARDING | HAS_UNDERSCORE],
    ['Forwarded', FORWARDING],
    ['Forwarded-Not', 0],
    ['Proxy_Authentication_Info', NOT_IN_REQUESTS | HAS_UNDERSCORE],
    // Only the beginning of a long name can mean something, and an underscore may stand behind it.
    [`X-Forwarded-${'a'.repeat(200)}`, FORWARDING],
    [`X-Forwarded-${'a'.repeat(200)}_`, FORWARDING | HAS_UNDERSCORE],
    [`x_forwarded_${'_'.repeat(200)}`, FORWARDING | HAS_UNDERSCORE],
    [`X-${'_'.repeat(200)}`, HAS_UNDERSCORE],
  ])('is its role: %s', (name, role) => {
    expect(fieldInfo(name)).toEqual({ name, lower: name.toLowerCase(), role });
  });

  it('is the same in every case, and nothing of Object', () => {
    expect(fieldInfo('TE')?.role).toBe(fieldInfo('te')?.role);
    expect((fieldInfo('TE')?.role ?? 0) & HOP_BY_HOP & OF_THE_LANE).not.toBe(0);
    expect(fieldInfo('constructor')?.role).toBe(0);
    expect(fieldInfo('__proto__')?.role).toBe(HAS_UNDERSCORE);
  });

  it('is nothing where it is no token', () => {
    for (const name of ['', ' a', 'a:', 'é', 'a\r']) expect(fieldInfo(name)).toBeNull();
  });

  it('holds for any name, wherever it stands, and after more names than are kept', () => {
    const name = fc.string({ minLength: 1, maxLength: 80 }).filter(isToken);
    fc.assert(
      fc.property(fc.string(), name, fc.string(), (before, text, behind) => {
        const expected = { name: text, lower: text.toLowerCase() };
        const at = before.length;
        expect(fieldInfoAt(before + text + behind, at, at + text.length)).toMatchObject(expected);
        expect(fieldInfo(text)).toMatchObject(expected);
      }),
      { numRuns: 5_000 },
    );
  });

  it('is not mistaken for that of a name of the same length', () => {
    for (let round = 0; round < 3; round++) {
      for (let one = 0; one < 5_000; one++) {
        const name = `X-${String(one).padStart(5, '0')}`;
        expect(fieldInfoAt(`${name}: 1`, 0, name.length)?.name).toBe(name);
      }
    }
    expect(fieldInfo('Connection')?.role).toBe(CONNECTION | NOT_IN_REQUESTS);
  });
});
