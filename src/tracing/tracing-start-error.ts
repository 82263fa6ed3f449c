/** Why tracing did not start. */
export class TracingStartError extends Error {
  override readonly name = 'TracingStartError';
  readonly code = 'TRACING_PACKAGES_MISSING';

  constructor(message: string, cause: unknown) {
    super(message, { cause });
  }
}
