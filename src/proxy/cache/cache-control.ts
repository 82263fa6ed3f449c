import type { HeaderList } from '../../http/message.ts';

/** Directives by their names in lower case; the value is '' when there is none. */
export type CacheControl = ReadonlyMap<string, string>;

// RFC 9111 §5.2: token [ "=" ( token / quoted-string ) ]. A semicolon or a space where a comma should be must not hide
// a `private`. Sticky, and no part can match what another one could.
const DIRECTIVE = /([^\s,;="]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?(?=[ \t,;]|$)/y;

const SEPARATORS = ' \t,;';

/** Directives whose value is a number of seconds (RFC 9111 §1.2.2). */
const IN_SECONDS: ReadonlySet<string> = new Set(['max-age', 's-maxage', 'min-fresh']);

/**
 * All Cache-Control fields taken together. Of a directive that is repeated the first counts (RFC 9111 §4.2.1).
 *
 * http-cache-semantics cuts at every comma, so that `x="no-cache, max-age=9"` would be read as three directives, and
 * knows names in lower case only; what comes from here is safe to give to it.
 */
export function parseCacheControl(headers: HeaderList): CacheControl {
  const found = new Map<string, string>();
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    if (name.length === 13 && name.toLowerCase() === 'cache-control') read(headers[at + 1] as string, found);
  }
  return found;
}

function read(value: string, found: Map<string, string>): void {
  let at = 0;
  while (at < value.length) {
    // Not a part of the expression, which would look at a row of them once for each comma in it.
    if (SEPARATORS.includes(value[at] as string)) {
      at++;
      continue;
    }
    DIRECTIVE.lastIndex = at;
    const match = DIRECTIVE.exec(value);
    if (match === null) {
      // What is not a directive ends at the next comma; a caution that follows it still holds.
      const comma = value.indexOf(',', at);
      if (comma === -1) return;
      at = comma + 1;
      continue;
    }
    at = DIRECTIVE.lastIndex;
    const name = (match[1] as string).toLowerCase();
    if (!found.has(name)) found.set(name, checked(name, match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? ''));
  }
}

/** RFC 9111 §4.2.1: what has an invalid freshness is better taken for stale. */
function checked(name: string, value: string): string {
  return IN_SECONDS.has(name) && !/^[0-9]{1,10}$/.test(value) ? '0' : value;
}

/** The directives of `names`, as http-cache-semantics reads them; undefined when there is none. */
export function writeCacheControl(directives: CacheControl, names: readonly string[]): string | undefined {
  const out: string[] = [];
  for (const name of names) {
    const value = directives.get(name);
    if (value !== undefined) out.push(IN_SECONDS.has(name) ? `${name}=${value}` : name);
  }
  return out.length === 0 ? undefined : out.join(', ');
}
