import { UpstreamError, type UpstreamErrorKind } from '../message.ts';

/** RFC 9113 §7. */
const PROTOCOL_ERROR = 1;

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

/** By their codes: asking undici's classes would load undici, 20 MB, into a gateway that has no other use for it. */
const TIMEOUTS: ReadonlyMap<unknown, UpstreamErrorKind> = new Map([
  ['UND_ERR_CONNECT_TIMEOUT', 'connect_timeout'],
  ['UND_ERR_HEADERS_TIMEOUT', 'headers_timeout'],
  ['UND_ERR_BODY_TIMEOUT', 'body_timeout'],
]);

function kindOf(error: unknown, stage: AttemptStage): UpstreamErrorKind {
  const code = codeOf(error);
  const timeout = TIMEOUTS.get(code);
  if (timeout !== undefined) return timeout;
  if (stage === 'connecting') return EXHAUSTED.has(code) ? 'exhausted' : 'connect';
  return isBroken(error, stage) ? 'protocol' : 'reset';
}

/** True when what came is not valid HTTP; false when it only ended too early. */
function isBroken(error: unknown, stage: AttemptStage): boolean {
  const { name, message } = error instanceof Error ? error : { name: '', message: '' };
  // undici's own class, which leaves out the parser's code for it.
  if (name === 'HTTPParserError') return !message.includes('Invalid EOF state');
  const code = codeOf(error);
  if (typeof code === 'string' && code.startsWith('HPE_')) return code !== 'HPE_INVALID_EOF_STATE';
  switch (code) {
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      // Before the head this is undici's word for two lengths that disagree, and in an HTTP/1.1 body for its early end.
      // Over HTTP/2 it stands for any end of a stream that came too early.
      if (stage === 'h2_body') return (http2Code(error) ?? PROTOCOL_ERROR) === PROTOCOL_ERROR;
      return stage === 'head';
    case 'UND_ERR_SOCKET':
      // undici's words for an answer that nobody asked for, such as a 101.
      return /^bad (response|upgrade)$/.test(message);
    case 'UND_ERR_HEADERS_OVERFLOW':
    case 'ERR_ASSERTION':
      return true;
    default:
      return http2Code(error) === PROTOCOL_ERROR;
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}

function http2Code(error: unknown): number | undefined {
  return (error as { http2ErrorCode?: number } | null)?.http2ErrorCode;
}
