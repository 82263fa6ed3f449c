import { randomFillSync } from 'node:crypto';

/** As many as are drawn from the system at once: a call for each takes three times as long. */
const DRAWN = 256;
const HEX_DIGITS = 32;

/** RFC 9562 §4.1: the two upper bits of this digit are 10. */
const VARIANT = ['8', '9', 'a', 'b'];

const bytes = Buffer.allocUnsafeSlow((DRAWN * HEX_DIGITS) / 2);
let digits = '';
let at = 0;

/** A random UUID (RFC 9562 §5.4, version 4), for a request that has brought no id of its own. */
export function newRequestId(): string {
  if (at === digits.length) {
    randomFillSync(bytes);
    digits = bytes.toString('hex');
    at = 0;
  }
  const start = at;
  at += HEX_DIGITS;
  const variant = VARIANT[digits.charCodeAt(start + 16) & 3];
  return `${digits.slice(start, start + 8)}-${digits.slice(start + 8, start + 12)}-4${digits.slice(start + 13, start + 16)}-${variant}${digits.slice(start + 17, start + 20)}-${digits.slice(start + 20, start + HEX_DIGITS)}`;
}
