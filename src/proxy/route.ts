import type { RouteConfig } from '../config/gateway-config.ts';
import { type PatternSegment, parsePattern } from './path-pattern.ts';
import { type PathRewrite, rewritePath, stripPrefix } from './path-rewrite.ts';
import { RouteError } from './route-error.ts';

/** A route as requests use it: checked, taken apart once, never changed. */
export class Route {
  readonly config: RouteConfig;
  readonly pattern: readonly PatternSegment[];
  /** What a router says of it; made once. */
  readonly match: { readonly kind: 'route'; readonly route: Route } = { kind: 'route', route: this };
  readonly #rewrite: PathRewrite | null;

  /** @throws {RouteError} `INVALID_ROUTE` */
  constructor(config: RouteConfig) {
    this.config = config;
    try {
      this.pattern = parsePattern(config.path);
      this.#rewrite = compileRewrite(config, this.pattern);
    } catch (error) {
      throw new RouteError('INVALID_ROUTE', (error as Error).message, config.line);
    }
  }

  /**
   * The path and query to ask the upstream for: the target byte for byte, unless the route strips or rewrites.
   *
   * @param target as received
   * @param path its canonical path, the one that was matched
   */
  upstreamTarget(target: string, path: string): string {
    return this.#rewrite === null ? target : this.#rewrite(target, path);
  }
}

function compileRewrite(config: RouteConfig, pattern: readonly PatternSegment[]): PathRewrite | null {
  if (config.stripPrefix !== null && config.rewrite !== null) {
    throw new Error(`route "${config.path}" has both strip_prefix and rewrite; rewrite alone can say it all`);
  }
  if (config.stripPrefix !== null) return stripPrefix(config.stripPrefix, pattern);
  return config.rewrite === null ? null : rewritePath(config.rewrite, pattern);
}
