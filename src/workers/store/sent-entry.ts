import type { StoredEntry, StoredResponse } from '../../proxy/cache/stored-entry.ts';
import type { SentEntry } from './store-messages.ts';

type FieldsOf = Exclude<StoredEntry, StoredResponse> | Omit<StoredResponse, 'body'>;

/**
 * Copies the body, once: the copy is given away to the main thread, while this thread may still be sending the original.
 */
export function sendableEntry(entry: StoredEntry): Pick<SentEntry, 'fields' | 'body'> {
  if (entry.kind === 'index') return { fields: JSON.stringify(entry), body: new ArrayBuffer(0) };
  const { body, ...fields } = entry;
  return { fields: JSON.stringify(fields), body: new Uint8Array(body).buffer };
}

/** Copies nothing: what was sent is this thread's own. */
export function receivedEntry({ fields, body }: Pick<SentEntry, 'fields' | 'body'>): StoredEntry {
  const entry = JSON.parse(fields) as FieldsOf;
  return entry.kind === 'index' ? entry : { ...entry, body: Buffer.from(body) };
}
