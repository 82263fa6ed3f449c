/**
 * A route that cannot be compiled: nothing starts with it.
 * `INVALID_ROUTE`: its path, host, strip_prefix or rewrite makes no sense. `ROUTE_CONFLICT`: another route
 * matches the same requests with the same right, so that only the order could decide.
 */
export class RouteError extends Error {
  override readonly name = 'RouteError';
  readonly code: 'INVALID_ROUTE' | 'ROUTE_CONFLICT';
  /** Line of the route in the configuration file. */
  readonly line: number;

  constructor(code: RouteError['code'], message: string, line: number) {
    super(`line ${line}: ${message}`);
    this.code = code;
    this.line = line;
  }
}
