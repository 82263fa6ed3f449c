import type { RawAnswer, Told } from './two-lanes.ts';

/**
 * What the two lanes may tell differently of the same bytes, and why; all else must be equal. Each takes what it explains
 * out of what was told.
 */
const ALLOWED: readonly ((text: string, undici: Told, fast: Told, isCut: boolean) => Told)[] = [
  // undici reads a reason as UTF-8, keeps only what came last when it was cut, and hands on control characters, which the
  // reply then replaces.
  (text, undici, fast, isCut) =>
    /HTTP\/\d\.\d \d+ [^\r\n]*[^\t -~\r\n]/.test(text) || (isCut && fast.reason.endsWith(undici.reason))
      ? { ...fast, reason: undici.reason }
      : fast,
  // undici leaves the whitespace behind a trailer's value, which is no part of it (RFC 9110 §5.5).
  (_text, undici, fast) =>
    undici.trailers.replaceAll(/( |\\t)+"/g, '"') === fast.trailers
      ? { ...fast, trailers: undici.trailers }
      : fast,
  // undici reads over line ends before and between responses; here they are bytes that nobody has asked for.
  (text, undici, fast) => (/[\r\n]$/.test(text) ? closedOnly(undici, fast) : fast),
  (text, undici, fast) => (/(^|\r\n\r\n)[\r\n]+HTTP\//.test(text) ? refusedOnly(undici, fast) : fast),
  // undici keeps a connection of which HTTP/1.0 says both, `keep-alive` and `close`; the latter wins (RFC 9112 §9.3).
  (text, undici, fast) =>
    /HTTP\/1\.0/.test(text) && /keep-alive/i.test(text) && /close/i.test(text)
      ? closedOnly(undici, fast)
      : fast,
  // undici takes HTTP/0.9 and HTTP/2.0 for versions of HTTP/1.1.
  (text, undici, fast) => (/HTTP\/(0\.9|2\.0)/.test(text) ? refusedOnly(undici, fast) : fast),
  // undici takes CR CR for the end of a status line.
  (text, undici, fast) => (/HTTP\/[^\r\n]*\r\r/.test(text) ? refusedOnly(undici, fast) : fast),
  // undici takes sizes of chunks up to 2^64, the fast lane those that a number counts exactly, which is up to 2^53.
  (text, undici, fast) =>
    /\n0*([2-9a-f][0-9a-f]{13}|[1-9a-f][0-9a-f]{14,15})/i.test(text) &&
    fast.error === 'protocol' &&
    fast.head === undici.head &&
    undici.body.startsWith(fast.body)
      ? undici
      : fast,
  // undici refuses a Content-Length at its first bad octet, the fast lane at the end of the head or trailers: which does
  // not come here.
  (text, undici, fast) => {
    const last = text.toLowerCase().lastIndexOf('\r\ncontent-length');
    const isCut = last !== -1 && !text.includes('\r\n\r\n', last);
    return isCut && undici.error === 'protocol' && (fast.error === null || fast.error === 'reset')
      ? { ...fast, calls: told(fast.calls, 'error'), error: undici.error, reused: undici.reused }
      : fast;
  },
];

/** The fast lane alone has not used the connection again. */
function closedOnly(undici: Told, fast: Told): Told {
  return undici.reused === true && fast.reused === false ? { ...fast, reused: true } : fast;
}

/** The fast lane alone has refused a head. */
function refusedOnly(undici: Told, fast: Told): Told {
  return fast.error === 'protocol' && fast.head === 'null' ? undici : fast;
}

function told(calls: string, last: string): string {
  return [...calls.split(',').filter((call) => call !== '' && call !== last), last].join();
}

/** Null when both lanes have told the same; else what they have. */
export function difference(answer: RawAnswer, undici: Told, fast: Told): string | null {
  const text = Buffer.concat(answer.pieces).toString('latin1');
  const seen = ALLOWED.reduce((seen, allowed) => allowed(text, undici, seen, answer.pieces.length > 1), fast);
  const [expected, got] = [JSON.stringify(undici, null, 1), JSON.stringify(seen, null, 1)];
  if (expected === got) return null;
  const pieces = JSON.stringify(answer.pieces.map((piece) => piece.toString('latin1')));
  return `${answer.method} ${pieces} then ${answer.end}${answer.held ? ', held back' : ''}\nundici ${expected}\nfast ${JSON.stringify(fast, null, 1)}`;
}
