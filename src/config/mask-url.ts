/** What stands in place of a secret. */
export const MASK = '********';

/** The URL without its user and password. */
export function maskUrl(url: string): string {
  // Up to the last "@" before the path: a password may hold one that was not encoded.
  return url.replace(/^([a-z]+:\/\/)[^/]*@/i, `$1${MASK}@`);
}

/** The URL without its query. */
export function maskQuery(url: string): string {
  return url.replace(/\?.*$/, `?${MASK}`);
}
