import { firstValue } from '../../http/field-names.ts';
import type { HeaderList } from '../../http/message.ts';
import { valuesOf } from './fields.ts';

// RFC 9110 §8.8.3: [ W/ ] DQUOTE *etagc DQUOTE; a comma may be inside.
const ENTITY_TAG = /(?:W\/)?("[^"]*")/g;

/** Whether a client's condition says that it has this answer already (RFC 9110 §13.1.2, §13.1.3; RFC 9111 §4.3.2). */
export function isNotModified(asking: HeaderList, status: number, stored: HeaderList): boolean {
  if (status !== 200) return false;
  const lines = valuesOf(asking, 'if-none-match');
  // RFC 9110 §13.2.2: the date counts only where there is no tag.
  if (lines.length > 0) return matches(lines.join(','), firstValue(stored, 'etag'));
  const since = Date.parse(firstValue(asking, 'if-modified-since') ?? '');
  const modified = Date.parse(firstValue(stored, 'last-modified') ?? '');
  return Number.isFinite(since) && Number.isFinite(modified) && modified <= since;
}

/** Weak comparison (RFC 9110 §8.8.3.2). */
function matches(condition: string, tag: string | undefined): boolean {
  if (condition.trim() === '*') return true;
  if (tag === undefined) return false;
  const own = opaque(tag);
  for (const [, each] of condition.matchAll(ENTITY_TAG)) if (each === own) return true;
  return false;
}

/** An entity tag without the mark of weakness. */
export function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}
