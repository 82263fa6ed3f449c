let second = 0;
let text = '';

/** The time for a Date field (RFC 9110 §5.6.7), written out once a second: to do so takes longer than to send it. */
export function httpDate(): string {
  const now = Math.floor(Date.now() / 1_000);
  if (now !== second) {
    second = now;
    text = new Date(now * 1_000).toUTCString();
  }
  return text;
}
