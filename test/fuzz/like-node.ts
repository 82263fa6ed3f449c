import type { RawRequest } from '../helpers/raw-message.ts';
import type { NodeReading, NodeRequest } from './node-reading.ts';

/** What the gateway writes itself, in requests that it forwards. */
const OWN_FIELDS =
  /^(host|connection|content-length|transfer-encoding|x-forwarded-(for|proto|host)|forwarded|via|x-request-id|max-forwards)$/i;

/** Null when each request that an upstream saw is, in this order, one that node read in the client's bytes. */
export function unlikeNode(seen: readonly RawRequest[], { requests }: NodeReading): string | null {
  let at = 0;
  for (const request of seen) {
    while (at < requests.length && !isSame(request, requests[at] as NodeRequest)) at++;
    if (at === requests.length) {
      const read = JSON.stringify(requests, null, 1);
      return `The upstream saw what node has not read: ${request.raw.toString('latin1')}\nnode read: ${read}`;
    }
    at++;
  }
  return null;
}

function isSame(seen: RawRequest, read: NodeRequest): boolean {
  if (!read.complete || seen.method !== read.method || seen.body.toString('latin1') !== read.body)
    return false;
  const origin = /^https?:\/\/[^/?#]*/i.exec(read.target)?.[0] ?? '';
  const path = read.target.slice(origin.length);
  if (seen.target !== (path.startsWith('/') ? path : `/${path}`)) return false;
  let at = 0;
  // In the order of the client, and each with its value: fields may be missing, and none may have come from elsewhere.
  for (const [name, value] of seen.fields) {
    if (OWN_FIELDS.test(name)) continue;
    while (at < read.headers.length && !(read.headers[at] === name && read.headers[at + 1] === value))
      at += 2;
    if (at >= read.headers.length) return false;
    at += 2;
  }
  return true;
}
