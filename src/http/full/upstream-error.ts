import { AssertionError } from 'node:assert';
import { constants } from 'node:http2';
import { errors } from 'undici';
import { UpstreamError, type UpstreamErrorKind } from '../message.ts';

const PROTOCOL_ERROR = constants.NGHTTP2_PROTOCOL_ERROR;

/** What the system says when we have too much open ourselves: nothing has been asked of the target then. */
const EXHAUSTED: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/** How far an attempt has come: no connection yet, no final head yet, or in the body over HTTP/1.1 or HTTP/2. */
export type AttemptStage = 'connecting' | 'head' | 'body' | 'h2_body';

/** What ended an attempt, in the terms of the proxy. */
export function upstreamError(error: unknown, stage: AttemptStage): UpstreamError {
  if (error instanceof UpstreamError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new UpstreamError(kindOf(error, stage), message, error);
}

function kindOf(error: unknown, stage: AttemptStage): UpstreamErrorKind {
  if (error instanceof errors.ConnectTimeoutError) return 'connect_timeout';
  if (error instanceof errors.HeadersTimeoutError) return 'headers_timeout';
  if (error instanceof errors.BodyTimeoutError) return 'body_timeout';
  if (stage === 'connecting') return EXHAUSTED.has(codeOf(error)) ? 'exhausted' : 'connect';
  return isBroken(error, stage) ? 'protocol' : 'reset';
}

/** True when what came is not valid HTTP; false when it only ended too early. */
function isBroken(error: unknown, stage: AttemptStage): boolean {
  // undici leaves out the parser's code for it.
  if (error instanceof errors.HTTPParserError) return !error.message.includes('Invalid EOF state');
  const parserCode = codeOf(error);
  if (typeof parserCode === 'string' && parserCode.startsWith('HPE_'))
    return parserCode !== 'HPE_INVALID_EOF_STATE';
  if (error instanceof errors.ResponseContentLengthMismatchError) {
    // Before the head this is undici's word for two lengths that disagree, and in an HTTP/1.1 body for its early end.
    // Over HTTP/2 it stands for any end of a stream that came too early.
    if (stage === 'h2_body') return (http2Code(error) ?? PROTOCOL_ERROR) === PROTOCOL_ERROR;
    return stage === 'head';
  }
  // undici's words for an answer that nobody asked for, such as a 101.
  if (error instanceof errors.SocketError) return /^bad (response|upgrade)$/.test(error.message);
  return (
    error instanceof errors.HeadersOverflowError ||
    error instanceof AssertionError ||
    http2Code(error) === PROTOCOL_ERROR
  );
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}

function http2Code(error: unknown): number | undefined {
  return (error as { http2ErrorCode?: number } | null)?.http2ErrorCode;
}
