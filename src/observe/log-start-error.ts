/** Why a log could not be opened. */
export class LogStartError extends Error {
  override readonly name = 'LogStartError';
  readonly code: 'LOG_FILE_FAILED' | 'LOG_FORMAT_MISSING';

  constructor(code: LogStartError['code'], message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
