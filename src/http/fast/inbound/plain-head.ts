import { parseAuthority } from '../../authority.ts';
import type { HeadLimits, InboundHead } from '../../request-head.ts';
import type { ScannedHead } from './scan-head.ts';

/** Nearly all requests of a moment are for the same few hosts, and most often for the same one. */
let lastHost = '';
let lastAuthority: string | null = null;

/**
 * What a scanned head means: what `readHead` would say of it, without a second look at what the scanner has seen already.
 *
 * @returns null when it is to be refused, which is then up to the full lane
 */
export function plainHead(scanned: ScannedHead, limits: HeadLimits): InboundHead | null {
  const { method, target, headers, host } = scanned;
  if (headers.length > limits.maxHeaderCount * 2 || scanned.fieldBytes > limits.maxHeaderBytes) return null;
  if (target.length > limits.maxTargetBytes) return null;
  // RFC 9112 §6.3: a length of 0 is no body.
  const bodyLength = scanned.bodyLength === 0 ? null : scanned.bodyLength;
  if (limits.maxBodyBytes !== null && bodyLength !== null && bodyLength > limits.maxBodyBytes) return null;
  if (host !== lastHost) {
    lastAuthority = parseAuthority(host);
    lastHost = host;
  }
  if (lastAuthority === null) return null;
  return {
    method,
    target,
    authority: lastAuthority,
    httpVersion: '1.1',
    headers,
    hasBody: bodyLength !== null,
    bodyLength,
    expectsContinue: false,
    isLast: scanned.closes,
    isUpgrade: false,
    upgrade: null,
  };
}
