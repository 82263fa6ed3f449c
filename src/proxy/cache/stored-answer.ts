import { firstValue } from '../../http/field-names.ts';
import type { HeaderList } from '../../http/message.ts';
import { fieldsThat } from './fields.ts';
import { isNotModified } from './not-modified.ts';
import type { StoredResponse } from './stored-entry.ts';

/** An answer from the cache, ready to be sent. To HEAD the reply sends no body. */
export interface StoredAnswer {
  readonly kind: 'stored';
  /** 304 when the client's own condition found that it has this answer already; the body is empty then. */
  readonly status: number;
  readonly reason: string;
  /** End-to-end fields, Age among them. */
  readonly headers: HeaderList;
  readonly body: Buffer;
  readonly ageMs: number;
  /** The gateway's member of Cache-Status (RFC 9211), such as `breakwater; hit; ttl=30`. */
  readonly cacheStatus: string;
}

/** RFC 9110 §15.4.5, and Age, which every answer from a cache has. */
const IN_304: ReadonlySet<string> = new Set([
  'cache-control',
  'content-location',
  'date',
  'etag',
  'expires',
  'vary',
]);

const NO_BODY = Buffer.alloc(0);

/**
 * @param asking the request's fields: its own condition is answered here (RFC 9111 §4.3.2)
 * @param stale says so in Warning, which RFC 9111 no longer defines, and which people and old clients still read
 */
export function storedAnswer(
  { status, reason, headers, body }: StoredResponse,
  asking: HeaderList,
  { ageMs, stale, cacheStatus }: { ageMs: number; stale: boolean; cacheStatus: string },
): StoredAnswer {
  const own = ['Age', String(Math.floor(ageMs / 1000))];
  if (stale) own.push('Warning', '110 - "Response is Stale"');
  if (isNotModified(asking, status, headers)) {
    return {
      kind: 'stored',
      status: 304,
      reason: 'Not Modified',
      headers: [...fieldsOf304(headers), ...own],
      body: NO_BODY,
      ageMs,
      cacheStatus,
    };
  }
  // It may have come in chunks; RFC 9110 §8.6: no length in 204.
  if (status !== 204 && firstValue(headers, 'content-length') === undefined) {
    own.push('Content-Length', String(body.length));
  }
  return { kind: 'stored', status, reason, headers: [...headers, ...own], body, ageMs, cacheStatus };
}

function fieldsOf304(headers: HeaderList): string[] {
  // Without an entity tag it is the only thing that the client can tell its copies apart by.
  const dated = firstValue(headers, 'etag') === undefined;
  return fieldsThat(headers, (name) => IN_304.has(name) || (dated && name === 'last-modified'));
}
