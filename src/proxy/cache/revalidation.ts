import { firstValue } from '../../http/field-names.ts';
import type { HeaderList } from '../../http/message.ts';
import { fieldsThat } from './fields.ts';
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
  const news = fieldsThat(update, (name) => !OF_THE_BODY.has(name));
  const replaced = new Set(news.filter((_, at) => at % 2 === 0).map((field) => field.toLowerCase()));
  // Date tells the age of an answer, and what has just been confirmed is not old.
  replaced.add('date');
  return [...fieldsThat(stored, (name) => !replaced.has(name)), ...news];
}
