/**
 * `UNREACHABLE`: no connection, or it broke · `TIMEOUT`: no answer in time · `NO_ADMIN`: the configuration has no admin
 * API, or does not say where · `BAD_ADDRESS`: what `--admin` says is no address · `UNAUTHORIZED` and `FORBIDDEN`: 401
 * and 403 · `BUSY`: 503 · `REDIRECT`: not followed · `NOT_BREAKWATER`: something else answers there · `REFUSED`: the admin API says no
 * for another reason · `BAD_ARGUMENT`: the command was given something that cannot be.
 */
export type AdminCallCode =
  | 'UNREACHABLE'
  | 'TIMEOUT'
  | 'NO_ADMIN'
  | 'BAD_ADDRESS'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'BUSY'
  | 'REDIRECT'
  | 'NOT_BREAKWATER'
  | 'REFUSED'
  | 'BAD_ARGUMENT';

/** A command could not do what it was asked for. The message is for whoever typed it, and says what to do. */
export class AdminCallError extends Error {
  readonly code: AdminCallCode;

  constructor(code: AdminCallCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'AdminCallError';
    this.code = code;
  }

  /** Passes when a gateway that starts again has started. */
  get passing(): boolean {
    return this.code === 'UNREACHABLE' || this.code === 'TIMEOUT' || this.code === 'BUSY';
  }
}
