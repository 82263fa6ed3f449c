/** Methods that the semantic conventions know; any other one is `_OTHER`, so that no client can make names up. */
const KNOWN: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
]);

/** `http.request.method`. */
export function methodOf(method: string): string {
  return KNOWN.has(method) ? method : '_OTHER';
}

/** The name of a span: of few values, whatever clients send. @param route as configured; null: none */
export function spanName(method: string, route: string | null): string {
  const first = KNOWN.has(method) ? method : 'HTTP';
  return route === null ? first : `${first} ${route}`;
}

/** The target without its query, which may hold secrets. */
export function withoutQuery(target: string): string {
  const at = target.indexOf('?');
  return at === -1 ? target : target.slice(0, at);
}

/** Host and port of an authority; a port that is not there is the scheme's own. */
export function hostAndPort(authority: string, scheme: 'http' | 'https'): { host: string; port: number } {
  const colon = authority.indexOf(':', authority.lastIndexOf(']') + 1);
  const host = (colon === -1 ? authority : authority.slice(0, colon)).replace(/^\[|\]$/g, '');
  return { host, port: colon === -1 ? (scheme === 'http' ? 80 : 443) : Number(authority.slice(colon + 1)) };
}
