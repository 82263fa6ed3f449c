import { createHmac, timingSafeEqual } from 'node:crypto';

export interface SignedRequest {
  readonly method: string;
  readonly host: string;
  /** Path and query, byte for byte as they are sent: nothing is normalised. */
  readonly target: string;
}

const FIELD = 'X-Signature=';

/** The target with its signature as last parameter: whoever has it may do this one thing, without the secret. */
export function signTarget(secret: string, request: SignedRequest): string {
  const { target } = request;
  return `${target}${target.includes('?') ? '&' : '?'}${FIELD}${signature(secret, request)}`;
}

/** Whether the target of a request that has arrived was signed for just this method, host, path and query. */
export function isSigned(secret: string, { method, host, target }: SignedRequest): boolean {
  const at = target.lastIndexOf(FIELD);
  if (at < 1) return false;
  const expected = signature(secret, { method, host, target: target.slice(0, at - 1) });
  const given = Buffer.from(target.slice(at + FIELD.length));
  return given.length === expected.length && timingSafeEqual(given, Buffer.from(expected));
}

function signature(secret: string, { method, host, target }: SignedRequest): string {
  return createHmac('sha256', secret).update(`${method}\n${host}\n${target}`).digest('hex');
}
