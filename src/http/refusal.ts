import type { HeaderList } from './message.ts';

/** What stands behind an error code: its HTTP status, and in one line what it means. */
export interface RefusalKind {
  readonly status: number;
  readonly meaning: string;
}

/** Every error code that the gateway itself answers with. docs/errors.md is checked against this table. */
export const REFUSALS = {
  BAD_REQUEST: { status: 400, meaning: 'The request is not valid HTTP.' },
  AMBIGUOUS_PATH: { status: 400, meaning: 'Servers may disagree on which resource the path means.' },
  ROUTE_NOT_FOUND: { status: 404, meaning: 'No route matches this host and path.' },
  METHOD_NOT_ALLOWED: { status: 405, meaning: 'The path has routes, but none for this method.' },
  REQUEST_TIMEOUT: { status: 408, meaning: 'The request did not arrive in time.' },
  BODY_TOO_LARGE: { status: 413, meaning: 'The request body is larger than the gateway accepts.' },
  URI_TOO_LONG: { status: 414, meaning: 'The request target is longer than the gateway accepts.' },
  EXPECTATION_FAILED: { status: 417, meaning: 'The Expect field asks for something unknown.' },
  MISDIRECTED_REQUEST: {
    status: 421,
    meaning: 'This server does not answer for the scheme or authority of the target.',
  },
  UPGRADE_REQUIRED: {
    status: 426,
    meaning: 'The request asks for a version of WebSocket that is not passed on.',
  },
  HEADERS_TOO_LARGE: { status: 431, meaning: 'The header section is too large or has too many fields.' },
  INTERNAL_ERROR: { status: 500, meaning: 'The gateway failed; its log says why.' },
  METHOD_NOT_IMPLEMENTED: { status: 501, meaning: 'The gateway does not forward this method or coding.' },
  UPSTREAM_UNREACHABLE: { status: 502, meaning: 'No connection to the service could be made.' },
  UPSTREAM_RESET: { status: 502, meaning: 'The service closed the connection before it had answered.' },
  UPSTREAM_PROTOCOL_ERROR: { status: 502, meaning: 'The service sent something that is not valid HTTP.' },
  CIRCUIT_BREAKER_OPEN: { status: 503, meaning: 'The circuit breaker of the service is open.' },
  BULKHEAD_FULL: {
    status: 503,
    meaning: 'As many requests to the service are under way as it may get at a time.',
  },
  SHUTTING_DOWN: { status: 503, meaning: 'The gateway is stopping, or has no connection to spare.' },
  UPSTREAM_TIMEOUT: { status: 504, meaning: 'The service did not answer in time.' },
  NOT_STORED: { status: 504, meaning: 'The client wants only a stored answer, and there is none.' },
  HTTP_VERSION_NOT_SUPPORTED: { status: 505, meaning: 'The gateway speaks HTTP/1.0 and HTTP/1.1 here.' },
  LOOP_DETECTED: { status: 508, meaning: 'The request has passed through this gateway already.' },
} as const satisfies Record<string, RefusalKind>;

export type RefusalCode = keyof typeof REFUSALS;

export interface RefusalOptions {
  /** More facts for the `error` object, in snake_case. Never secrets: the client reads them. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Fields that the answer carries beside its own, such as `Retry-After` or `Allow`. */
  readonly headers?: HeaderList;
  readonly cause?: unknown;
}

/**
 * The gateway says no, before or instead of an upstream. The status follows from the code. It is an answer and no Error:
 * nobody throws it, and to record a stack takes as long as all else about refusing a request.
 */
export class Refusal {
  readonly message: string;
  readonly cause: unknown;
  readonly code: RefusalCode;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
  readonly headers: HeaderList;

  /** @param message one sentence for whoever sent the request: what is wrong and what would be right */
  constructor(code: RefusalCode, message: string, options: RefusalOptions = {}) {
    this.message = message;
    this.cause = options.cause;
    this.code = code;
    this.status = REFUSALS[code].status;
    this.details = options.details ?? {};
    this.headers = options.headers ?? [];
  }
}
