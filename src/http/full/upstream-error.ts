import { errors } from 'undici';
import { UpstreamError, type UpstreamErrorKind } from '../message.ts';

/** What ended an attempt, in the terms of the proxy. */
export function upstreamError(error: unknown, connected: boolean): UpstreamError {
  if (error instanceof UpstreamError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new UpstreamError(kindOf(error, connected), message, error);
}

function kindOf(error: unknown, connected: boolean): UpstreamErrorKind {
  if (error instanceof errors.ConnectTimeoutError) return 'connect_timeout';
  if (!connected) return 'connect';
  if (error instanceof errors.HeadersTimeoutError) return 'headers_timeout';
  if (error instanceof errors.BodyTimeoutError) return 'body_timeout';
  if (
    error instanceof errors.HTTPParserError ||
    error instanceof errors.HeadersOverflowError ||
    error instanceof errors.ResponseContentLengthMismatchError ||
    isBadResponse(error)
  ) {
    return 'protocol';
  }
  return 'reset';
}

/** undici's words for an answer that nobody asked for, such as a 101 or a second head. */
function isBadResponse(error: unknown): boolean {
  return error instanceof errors.SocketError && /^bad (response|upgrade)$/.test(error.message);
}
