/** A route's host: `www.example.com`, or `*.example.com` with `name` being what follows the `*.`. */
export interface HostPattern {
  readonly wildcard: boolean;
  readonly name: string;
}

/** RFC 1035 §2.3.4 allows a name 255 octets. The limit also bounds the look-ups for a name made of dots. */
const MAX_HOST_LENGTH = 255;

/** Reads a route's host; null when it is not one. */
export function parseHostPattern(text: string): HostPattern | null {
  const wildcard = text.startsWith('*.');
  const written = wildcard ? text.slice(2) : text;
  const name = hostOf(written);
  // An empty label or a `*` elsewhere is in no host.
  if (name === null || name.includes('*') || name.startsWith('.') || name.includes('..')) return null;
  // With a port it would look as if the port mattered.
  const sameButForDot = written.toLowerCase() === name || written.toLowerCase() === `${name}.`;
  return sameButForDot ? { wildcard, name } : null;
}

/**
 * The name or address that routes are chosen by: lower case, without port and without the root's final dot, which
 * changes nothing about the name. Null for what cannot be the host of a route.
 */
export function hostOf(authority: string): string | null {
  const close = authority.startsWith('[') ? authority.indexOf(']') : -1;
  const colon = authority.indexOf(':', close + 1);
  const end = colon === -1 ? authority.length : colon;
  const length = authority.charCodeAt(end - 1) === 0x2e ? end - 1 : end;
  if (length === 0 || length > MAX_HOST_LENGTH) return null;
  return authority.slice(0, length).toLowerCase();
}
