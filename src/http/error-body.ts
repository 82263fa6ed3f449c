import type { HeaderList } from './message.ts';
import { STATUS_CODES } from './node-http.ts';
import type { Refusal } from './refusal.ts';

export interface ErrorContext {
  readonly requestId: string;
  /** The request's Accept field, if it had one and could be read. */
  readonly accept?: string | undefined;
}

/** A complete answer of the gateway's own. Content-Length is in `headers`. */
export interface RefusalAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Buffer;
}

const PROBLEM = 'application/problem+json';

/**
 * The one shape of every error that the gateway makes: `{"error":{"code","message","request_id", …}}`, or the same
 * facts as RFC 9457 for clients that name `application/problem+json` in Accept and do not prefer plain JSON.
 */
export function renderError(refusal: Refusal, { requestId, accept }: ErrorContext): RefusalAnswer {
  const problem = prefersProblem(accept);
  const body = Buffer.from(problem ? problemText(refusal, requestId) : errorText(refusal, requestId));
  return {
    status: refusal.status,
    headers: [
      ...refusal.headers,
      'Content-Type',
      problem ? PROBLEM : 'application/json',
      'Content-Length',
      String(body.length),
      // A cache must never answer for a gateway that could not (RFC 9111 §4.2.2 lets it keep a 404, 405, 414, 501).
      'Cache-Control',
      'no-store',
      'X-Request-Id',
      requestId,
    ],
    body,
  };
}

/** Written by hand around what is the same for all who are refused for one reason: an open breaker refuses thousands a second. */
function errorText(refusal: Refusal, requestId: string): string {
  const { opening, rest } = errorParts(refusal);
  return `${opening}${JSON.stringify(requestId)}${rest}`;
}

interface ErrorParts {
  readonly opening: string;
  readonly rest: string;
}

const partsOf = new WeakMap<Refusal, ErrorParts>();

function errorParts(refusal: Refusal): ErrorParts {
  const known = partsOf.get(refusal);
  if (known !== undefined) return known;
  // None of the details can take the place of a fact that every error has.
  const { code: _code, message: _message, request_id: _id, ...details } = refusal.details;
  const more = JSON.stringify(details);
  const parts = {
    opening: `{"error":{"code":"${refusal.code}","message":${JSON.stringify(refusal.message)},"request_id":`,
    rest: `${more === '{}' ? '' : `,${more.slice(1, -1)}`}}}\n`,
  };
  partsOf.set(refusal, parts);
  return parts;
}

function problemText(refusal: Refusal, requestId: string): string {
  const value = {
    // First, so that none of them can take the place of a fact that every error has.
    ...refusal.details,
    type: 'about:blank',
    title: STATUS_CODES[refusal.status] ?? refusal.code,
    status: refusal.status,
    detail: refusal.message,
    code: refusal.code,
    request_id: requestId,
  };
  return `${JSON.stringify(value)}\n`;
}

/** The answer as bytes, for connections whose request could not even be read. Ends the connection. */
export function serializeAnswer(answer: RefusalAnswer): Buffer {
  const lines = [`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`];
  for (let at = 0; at < answer.headers.length; at += 2) {
    lines.push(`${answer.headers[at]}: ${answer.headers[at + 1]}`);
  }
  lines.push(`Date: ${new Date().toUTCString()}`, 'Connection: close', '', '');
  return Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), answer.body]);
}

/** RFC 9110 §12.5.1, as far as two media types need it: wildcards never ask for problem+json. */
function prefersProblem(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  let problem = 0;
  let json = 0;
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (type !== PROBLEM && type !== 'application/json') continue;
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const quality = weight === undefined ? 1 : Number(weight);
    if (!(quality >= 0 && quality <= 1)) continue;
    if (type === PROBLEM) problem = Math.max(problem, quality);
    else json = Math.max(json, quality);
  }
  return problem > 0 && problem >= json;
}
