import { isIPv6 } from 'node:net';

/**
 * Host and optional port in lower case, or null when `text` is not one that this gateway serves.
 *
 * Stricter than RFC 3986 §3.2 on purpose: no user information, no percent-encoding, no sub-delimiters, no IPvFuture
 * and no zone. Nothing that a route or an upstream could be called needs them, and each has made two servers disagree
 * on whom a request is for.
 */
export function parseAuthority(text: string): string | null {
  const colon = portColon(text);
  const host = colon === -1 ? text : text.slice(0, colon);
  if (colon !== -1 && !isPort(text.slice(colon + 1))) return null;
  if (host.startsWith('[')) {
    if (!host.endsWith(']') || host.includes('%') || !isIPv6(host.slice(1, -1))) return null;
  } else if (!isRegisteredName(host)) return null;
  // RFC 3986 §6.2.3: a colon without a port means the same as none.
  return (colon === text.length - 1 ? host : text).toLowerCase();
}

function portColon(text: string): number {
  const bracket = text.lastIndexOf(']');
  return text.indexOf(':', bracket + 1);
}

function isPort(text: string): boolean {
  if (text.length > 5) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return text === '' || Number(text) <= 65_535;
}

function isRegisteredName(text: string): boolean {
  // RFC 1035 §2.3.4 limits names to 255 octets.
  if (text.length === 0 || text.length > 255) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const letter = code | 0x20;
    const plain =
      (letter >= 0x61 && letter <= 0x7a) ||
      (code >= 0x30 && code <= 0x39) ||
      code === 0x2d ||
      code === 0x2e ||
      code === 0x5f ||
      code === 0x7e;
    if (!plain) return false;
  }
  return true;
}
