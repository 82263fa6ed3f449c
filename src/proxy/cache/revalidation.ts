import { firstValue } from '../../http/field-names.ts';
import type { HeaderList } from '../../http/message.ts';
import { opaque } from './not-modified.ts';

/** They describe the body, which stays (RFC 9111 §3.2). */
const OF_THE_BODY: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'transfer-encoding',
]);

/** What asks the upstream whether the stored answer is still right (RFC 9111 §4.3.1); null: it has no validator. */
export function conditionFor(stored: HeaderList): HeaderList | null {
  const condition: string[] = [];
  const tag = firstValue(stored, 'etag');
  if (tag !== undefined) condition.push('If-None-Match', tag);
  const modified = firstValue(stored, 'last-modified');
  if (modified !== undefined) condition.push('If-Modified-Since', modified);
  return condition.length === 0 ? null : condition;
}

/**
 * The fields of a stored answer after a 304 to our condition (RFC 9111 §4.3.4): what the 304 has replaces all of that
 * name. A 304 without validators can only mean the one answer that was asked about.
 *
 * @returns null when the 304 names another answer than the stored one
 */
export function freshened(stored: HeaderList, update: HeaderList): HeaderList | null {
  const tag = firstValue(update, 'etag');
  const storedTag = firstValue(stored, 'etag');
  if (tag !== undefined && (storedTag === undefined || opaque(tag) !== opaque(storedTag))) return null;
  const replaced = new Set<string>();
  const news: string[] = [];
  for (let at = 0; at < update.length; at += 2) {
    const name = (update[at] as string).toLowerCase();
    if (OF_THE_BODY.has(name)) continue;
    replaced.add(name);
    news.push(update[at] as string, update[at + 1] as string);
  }
  const out: string[] = [];
  for (let at = 0; at < stored.length; at += 2) {
    if (!replaced.has((stored[at] as string).toLowerCase()))
      out.push(stored[at] as string, stored[at + 1] as string);
  }
  // Date says when the answer was made, and makes its age: what has just been confirmed is not old.
  if (!replaced.has('date')) return [...withoutDate(out), ...news];
  return [...out, ...news];
}

function withoutDate(headers: readonly string[]): string[] {
  const out: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    if ((headers[at] as string).toLowerCase() !== 'date')
      out.push(headers[at] as string, headers[at + 1] as string);
  }
  return out;
}
