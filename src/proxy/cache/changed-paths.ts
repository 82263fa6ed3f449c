import { firstValue } from '../../http/field-names.ts';
import type { HeaderList, InboundRequest } from '../../http/message.ts';

/** RFC 9110 §9.2.1. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** The paths whose stored answers an unsafe request has made doubtful (RFC 9111 §4.4). */
export function changedPaths(
  { method, authority, scheme }: Pick<InboundRequest, 'method' | 'authority' | 'scheme'>,
  path: string,
  { status, headers }: { readonly status: number; readonly headers: HeaderList },
): ReadonlySet<string> {
  const paths = new Set<string>();
  if (SAFE.has(method) || status < 200 || status >= 400) return paths;
  paths.add(path);
  const base = URL.parse(`${scheme}://${authority}${path}`);
  if (base === null) return paths;
  for (const name of ['location', 'content-location']) {
    const value = firstValue(headers, name);
    const url = value === undefined ? null : URL.parse(value, base);
    // Of another authority, it would let one upstream empty the cache of others.
    if (url !== null && url.origin === base.origin) paths.add(url.pathname + url.search);
  }
  return paths;
}
