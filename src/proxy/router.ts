import type { RouteConfig } from '../config/gateway-config.ts';
import { hostOf, parseHostPattern } from './host-pattern.ts';
import { PathTrie } from './path-trie.ts';
import { Route } from './route.ts';
import { RouteError } from './route-error.ts';

/** What the routes say to a request. `allow` is sorted and lists HEAD where there is GET (RFC 9110 §10.2.1). */
export type RouteMatch =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'method_not_allowed'; readonly allow: readonly string[] };

const NOT_FOUND: RouteMatch = { kind: 'not_found' };

/**
 * Finds the route for a request: of all routes that match its host, path and method the most specific one,
 * whatever their order in the file. The host decides first (exact, then the longest wildcard, then none), then the
 * path, then whether the method is named.
 */
export class Router {
  readonly routes: readonly Route[];
  readonly #exactHosts = new Map<string, PathTrie>();
  /** By what follows the `*.`. */
  readonly #wildcardHosts = new Map<string, PathTrie>();
  readonly #anyHost = new PathTrie();

  /** @throws {RouteError} */
  constructor(routes: readonly Route[]) {
    this.routes = routes;
    for (const route of routes) this.#trieFor(route).add(route.pattern, route);
  }

  /**
   * @param authority host and optional port, in any case; the port does not matter
   * @param method as sent: methods are case-sensitive (RFC 9110 §9.1)
   * @param path from `canonicalPath`
   */
  match(authority: string, method: string, path: string): RouteMatch {
    // `OPTIONS *` is about the server, so not even a route for everything is meant.
    if (path.charCodeAt(0) !== 0x2f) return NOT_FOUND;
    const route = this.#find(authority, path, method, null);
    if (route !== null) return route.match;
    const allowed = new Set<string>();
    this.#find(authority, path, method, allowed);
    return allowed.size === 0 ? NOT_FOUND : { kind: 'method_not_allowed', allow: [...allowed].sort() };
  }

  #find(authority: string, path: string, method: string, allowed: Set<string> | null): Route | null {
    return this.#findByHost(authority, path, method, allowed) ?? this.#anyHost.find(path, method, allowed);
  }

  #findByHost(authority: string, path: string, method: string, allowed: Set<string> | null): Route | null {
    if (this.#exactHosts.size === 0 && this.#wildcardHosts.size === 0) return null;
    const host = hostOf(authority);
    if (host === null) return null;
    let route = this.#exactHosts.get(host)?.find(path, method, allowed) ?? null;
    if (this.#wildcardHosts.size === 0) return route;
    for (let dot = host.indexOf('.', 1); route === null && dot !== -1; dot = host.indexOf('.', dot + 1)) {
      route = this.#wildcardHosts.get(host.slice(dot + 1))?.find(path, method, allowed) ?? null;
    }
    return route;
  }

  #trieFor(route: Route): PathTrie {
    const { host, line } = route.config;
    if (host === null) return this.#anyHost;
    const pattern = parseHostPattern(host);
    if (pattern === null) {
      throw new RouteError(
        'INVALID_ROUTE',
        `host "${host}" must be a name or address without port, or "*." and a name`,
        line,
      );
    }
    const tries = pattern.wildcard ? this.#wildcardHosts : this.#exactHosts;
    let trie = tries.get(pattern.name);
    if (trie === undefined) {
      trie = new PathTrie();
      tries.set(pattern.name, trie);
    }
    return trie;
  }
}

/** @throws {RouteError} when a route makes no sense, or two match the same requests with the same right */
export function compileRoutes(routes: readonly RouteConfig[]): Router {
  return new Router(routes.map((config) => new Route(config)));
}
