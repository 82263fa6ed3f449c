/** What the admin API says no with. Shape and style are the gateway's; docs/admin-api.md lists the codes. */
export const ADMIN_ERRORS = {
  BAD_REQUEST: {
    status: 400,
    meaning: 'The path is not validly percent-encoded, or the last event not a number.',
  },
  UNAUTHORIZED: { status: 401, meaning: 'The bearer token is missing or wrong.' },
  FORBIDDEN: {
    status: 403,
    meaning: 'The request comes from a web page of another origin, or by an unknown name.',
  },
  NOT_FOUND: { status: 404, meaning: 'The admin API has no such path.' },
  BREAKER_NOT_FOUND: { status: 404, meaning: 'No circuit breaker has this name.' },
  METHOD_NOT_ALLOWED: { status: 405, meaning: 'The path takes another method; see Allow.' },
  BODY_TOO_LARGE: { status: 413, meaning: 'Bodies are ignored, but not without limit.' },
  INTERNAL_ERROR: { status: 500, meaning: 'The admin API failed; the log says why.' },
  TOO_MANY_STREAMS: { status: 503, meaning: 'As many as may already watch `GET /events`; see Limits.' },
} as const satisfies Record<string, { readonly status: number; readonly meaning: string }>;

export type AdminErrorCode = keyof typeof ADMIN_ERRORS;

export class AdminError extends Error {
  override readonly name = 'AdminError';
  readonly code: AdminErrorCode;
  readonly status: number;
  /** Fields that the answer carries beside its own. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: AdminErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = ADMIN_ERRORS[code].status;
    this.headers = headers;
  }
}

/** Why the admin API did not start. */
export class AdminStartError extends Error {
  override readonly name = 'AdminStartError';
  readonly code: 'ADMIN_TOKEN_REQUIRED' | 'ADMIN_LISTEN_FAILED';

  constructor(code: AdminStartError['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
