import { type PatternSegment, parsePattern } from './path-pattern.ts';

/**
 * Makes the path and query to ask the upstream for from those received. Works on whole segments of the target as
 * received, so what it keeps stays byte for byte what the client sent. `path` is the target's canonical path,
 * which has the same segments because encoded slashes are refused.
 */
export type PathRewrite = (target: string, path: string) => string;

/**
 * `strip_prefix: /api` takes the leading segments `/api` away; a path that does not begin with them goes on as it
 * is. A prefix has literal segments only.
 *
 * @throws {Error} when the prefix makes no sense, or could never be at the beginning of a path the route matches
 */
export function stripPrefix(prefix: string, pattern: readonly PatternSegment[]): PathRewrite {
  const trimmed = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  if (trimmed === '') throw new Error(`strip_prefix "${prefix}" takes nothing away`);
  const segments = parsePattern(trimmed);
  let canonical = '';
  segments.forEach((segment, index) => {
    if (segment.kind !== 'literal')
      throw new Error(`strip_prefix "${prefix}" may have literal segments only`);
    if (!mayBegin(pattern, index, segment.text)) {
      throw new Error(`strip_prefix "${prefix}" is not the beginning of any path that the route matches`);
    }
    canonical += `/${segment.text}`;
  });
  return (target, path) => {
    const whole = path.length === canonical.length || path.charCodeAt(canonical.length) === 0x2f;
    if (!whole || !path.startsWith(canonical)) return target;
    const rest = target.slice(segmentStart(target, segments.length));
    return rest.charCodeAt(0) === 0x2f ? rest : `/${rest}`;
  };
}

function mayBegin(pattern: readonly PatternSegment[], index: number, text: string): boolean {
  const at = pattern[Math.min(index, pattern.length - 1)];
  if (at?.kind === 'rest') return true;
  const own = pattern[index];
  return own !== undefined && (own.kind === 'param' || (own.kind === 'literal' && own.text === text));
}

/**
 * `rewrite: /v2/:id/*` puts a new path in place of the old one. `:id` stands for the segment that the route's
 * `:id` matched, a final `*` for what the route's `*` matched, slash included; both as sent.
 *
 * @throws {Error} when it names what the route's path does not have
 */
export function rewritePath(rewrite: string, pattern: readonly PatternSegment[]): PathRewrite {
  const parts = parsePattern(rewrite).map((segment) => part(rewrite, segment, pattern));
  return (target) => {
    const query = target.indexOf('?');
    const end = query === -1 ? target.length : query;
    let path = '';
    for (const write of parts) path += write(target, end);
    return (path === '' ? '/' : path) + target.slice(end);
  };
}

type Part = (target: string, end: number) => string;

function part(rewrite: string, segment: PatternSegment, pattern: readonly PatternSegment[]): Part {
  if (segment.kind === 'literal') return () => `/${segment.text}`;
  const index = pattern.findIndex(
    (own) =>
      own.kind === segment.kind &&
      (own.kind !== 'param' || segment.kind !== 'param' || own.name === segment.name),
  );
  if (index === -1) {
    const missing = segment.kind === 'rest' ? '*' : `:${segment.name}`;
    throw new Error(`rewrite "${rewrite}" has "${missing}", which the route's path does not have`);
  }
  if (segment.kind === 'rest') return (target, end) => target.slice(segmentStart(target, index), end);
  return (target) => target.slice(segmentStart(target, index), segmentStart(target, index + 1));
}

/** Where the slash before segment number `index` stands, or the path ends when it has no more. */
function segmentStart(target: string, index: number): number {
  let at = 0;
  for (let left = index; left > 0; left--) {
    at++;
    while (at < target.length && target.charCodeAt(at) !== 0x2f && target.charCodeAt(at) !== 0x3f) at++;
    if (target.charCodeAt(at) === 0x3f) return at;
  }
  return at;
}
