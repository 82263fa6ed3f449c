/**
 * What undici reads in another way than the fast lane, which is stricter: test/composition/fast-outbound/differences.ts says
 * why, and how far. There such answers are compared; a gateway before them has nothing to add.
 */
const READ_DIFFERENTLY: readonly RegExp[] = [
  // A reason that is not ASCII.
  /HTTP\/\d\.\d \d+ [^\r\n]*[^\t -~\r\n]/,
  // Line ends before, between and behind responses.
  /(^|\r\n\r\n|0\r\n\r\n)[\r\n]+(HTTP\/|$)/,
  /[\r\n]{5,}$/,
  // HTTP/1.0 that says both, keep-alive and close.
  /HTTP\/1\.0.*(keep-alive.*close|close.*keep-alive)/is,
  /HTTP\/(0\.9|2\.0)/,
  /HTTP\/[^\r\n]*\r\r/,
  // Chunks of 2^53 bytes and more.
  /\n0*([2-9a-f][0-9a-f]{13}|[1-9a-f][0-9a-f]{14,15})/i,
];

/** A length that undici refuses at its field, the fast lane where the head or the trailers end, which is not sent. */
function endsBehindLength(answer: string): boolean {
  const at = Math.max(
    ...['\r\ncontent-length', '\r\ntransfer-encoding'].map((it) => answer.toLowerCase().lastIndexOf(it)),
  );
  return at !== -1 && !answer.includes('\r\n\r\n', at);
}

/** Too many fields in a head that never ends: the fast lane refuses them as they come, undici shows whole heads only. */
function isCutBehindTooManyFields(answer: string): boolean {
  const last = answer.split('\r\n\r\n').at(-1) as string;
  return last.split('\n').length > 512;
}

export function isReadAlike(answer: string): boolean {
  return (
    !endsBehindLength(answer) &&
    !isCutBehindTooManyFields(answer) &&
    !READ_DIFFERENTLY.some((pattern) => pattern.test(answer))
  );
}
