import type CachePolicy from 'http-cache-semantics';
import type { HeaderList } from '../../http/message.ts';

/** What stands in the store under a key. */
export type StoredEntry = StoredIndex | StoredResponse;

/** Under a resource's key, when its answers vary: where they are. */
export interface StoredIndex {
  readonly kind: 'index';
  /** Request fields that the answer was chosen by, lower case, sorted. */
  readonly vary: readonly string[];
  /** A random part of the keys of all its variants: without the index nobody finds them any more. */
  readonly generation: string;
}

/** An answer, under a resource's key or that of a variant. */
export interface StoredResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  /** End-to-end fields as received, without Age; Date is among them. */
  readonly headers: HeaderList;
  readonly body: Buffer;
  /** RFC 9111 §4.2.3, when it was stored, in milliseconds. */
  readonly ageMs: number;
  /** http-cache-semantics' own form. Its response time means nothing: `ageMs` says how old the answer is. */
  readonly policy: CachePolicy.CachePolicyObject;
  /** True: a request with Authorization may be answered with it (RFC 9111 §3.5). */
  readonly forAuthorized: boolean;
  /** True: never while stale (RFC 9111 §4.2.4). */
  readonly neverStale: boolean;
}

/** What a Map's entry, its objects and the policy take beside what is counted, roughly; measured with `--expose-gc`. */
const OVERHEAD_BYTES = 1024;

/** Bytes that an entry takes in memory. */
export function sizeOfEntry(entry: StoredEntry): number {
  if (entry.kind === 'index') return OVERHEAD_BYTES + textBytes(entry.vary);
  return OVERHEAD_BYTES + textBytes(entry.headers) + entry.body.length;
}

function textBytes(texts: readonly string[]): number {
  let bytes = 0;
  for (const text of texts) bytes += text.length + 24;
  return bytes;
}
