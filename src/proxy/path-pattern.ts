import { canonicalPath } from '../http/canonical-path.ts';
import { Refusal } from '../http/refusal.ts';

/** One step of a route's path. `rest` is the final `*`: whatever follows, and nothing as well. */
export type PatternSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'param'; readonly name: string }
  | { readonly kind: 'rest' };

/**
 * Takes a route's path (or its rewrite) apart: `/a/:id/b`, `/auth/*`, `/`. Literal segments come out canonical,
 * as requests' segments do, so they may be written escaped or, outside ASCII, as they are.
 *
 * @throws {Error} saying what is wrong with the path
 */
export function parsePattern(path: string): readonly PatternSegment[] {
  if (!path.startsWith('/')) throw new Error(`"${path}" must begin with "/"`);
  const texts = path.slice(1).split('/');
  const names = new Set<string>();
  return texts.map((text, index) => {
    const last = index === texts.length - 1;
    if (text === '*') {
      if (!last) throw new Error(`"${path}" may have "*" only as its last segment`);
      return { kind: 'rest' };
    }
    if (text.includes('*'))
      throw new Error(`"${path}" may have "*" only as a whole segment; write %2A for the character`);
    if (text.startsWith(':')) return param(path, text.slice(1), names);
    if (text === '' && !last) throw new Error(`"${path}" contains "//", which no request may`);
    return { kind: 'literal', text: literal(path, text) };
  });
}

function param(path: string, name: string, names: Set<string>): PatternSegment {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new Error(
      `"${path}" has a parameter without a proper name; write it like ":id", or %3A for the character`,
    );
  }
  if (names.has(name)) throw new Error(`"${path}" has two parameters named "${name}"`);
  names.add(name);
  return { kind: 'param', name };
}

function literal(path: string, text: string): string {
  const ascii = text.replace(/\P{ASCII}+/gu, (characters) => encodeURIComponent(characters));
  if (/[?#\s]/.test(ascii)) throw new Error(`"${path}" is a path, so it has no query, fragment or blank`);
  const canonical = canonicalPath(`/${ascii}`);
  if (canonical instanceof Refusal) throw new Error(`"${path}" can match no request. ${canonical.message}`);
  return canonical.path.slice(1);
}
