import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { primaryKey, variantKey, varyFields } from '../../../../src/proxy/cache/cache-keys.ts';
import { asking } from './cache-kit.ts';

/** Short texts of few characters, among them those that separate: where a careless key would collide. */
const text = fc.string({ unit: fc.constantFrom('a', '1', ':', ',', ' ', '/', '?', '0'), maxLength: 5 });

const parts: fc.Arbitrary<Parts> = fc.record({
  upstream: text,
  scheme: fc.constantFrom('http' as const, 'https' as const),
  authority: text,
  path: text,
  inFront: fc.array(text, { maxLength: 3 }),
});

interface Parts {
  readonly upstream: string;
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly path: string;
  readonly inFront: readonly string[];
}

function keyOf({ inFront, upstream, path, ...asked }: Parts): string {
  return primaryKey(asked, inFront, upstream, path);
}

describe("a resource's key", () => {
  it('is the same for the same parts, and never for others', () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(keyOf(one) === keyOf(other)).toBe(same);
      }),
      { numRuns: 2000 },
    );
  });

  it('is short whatever a client sends', () => {
    expect(
      primaryKey(asking({ authority: 'a'.repeat(5000) }), ['b'.repeat(5000)], 'u', '/'.repeat(5000)),
    ).toHaveLength(43);
  });
});

describe("a variant's key (RFC 9111 §4.1)", () => {
  const names = ['accept', 'accept-language'];
  const request = fc.array(fc.tuple(fc.constantFrom('Accept', 'accept', 'Accept-Language', 'X'), text), {
    maxLength: 4,
  });

  it('is the same only when all fields that vary have the same values, absent or empty told apart', () => {
    const seen = (fields: [string, string][], name: string): string | null => {
      const values = fields
        .filter(([field]) => field.toLowerCase() === name)
        .map(([, value]) => value.trim());
      return values.length === 0 ? null : values.join(', ');
    };
    fc.assert(
      fc.property(request, request, (one, other) => {
        const same = names.every((name) => seen(one, name) === seen(other, name));
        expect(variantKey('g', names, one.flat()) === variantKey('g', names, other.flat())).toBe(same);
      }),
      { numRuns: 2000 },
    );
  });

  it('is another one after each new generation, and is never a resource', () => {
    expect(variantKey('a', [], [])).not.toBe(variantKey('b', [], []));
  });
});

describe('Vary', () => {
  it('is read from all its lines, in lower case, each name once', () => {
    expect(varyFields(['Vary', 'Accept, B', 'vary', 'a,accept'])).toEqual(['a', 'accept', 'b']);
  });

  it.each(['*', 'Accept, *', 'X-Forwarded-For', 'Forwarded', 'x-request-id'])(
    'by %s makes an answer nobody else’s: the client did not send what the upstream saw',
    (value) => expect(varyFields(['Vary', value])).toBeNull(),
  );
});
