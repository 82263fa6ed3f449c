import type { Route } from './route.ts';
import { RouteError } from './route-error.ts';

/** The routes for one host and one path: which of them takes which method. */
export class RouteLeaf {
  readonly #byMethod = new Map<string, Route>();
  #anyMethod: Route | null = null;

  /** @throws {RouteError} `ROUTE_CONFLICT` when a method is taken already */
  add(route: Route): void {
    if (route.config.methods === null) {
      if (this.#anyMethod !== null) throw conflict(route, this.#anyMethod);
      this.#anyMethod = route;
      return;
    }
    for (const method of route.config.methods) {
      const other = this.#byMethod.get(method);
      if (other === route) continue;
      if (other !== undefined) throw conflict(route, other);
      this.#byMethod.set(method, route);
    }
  }

  /** A route that names the method goes before one for all methods; HEAD goes where GET goes (RFC 9110 §9.3.2). */
  find(method: string): Route | null {
    const named = this.#byMethod.get(method) ?? (method === 'HEAD' ? this.#byMethod.get('GET') : undefined);
    return named ?? this.#anyMethod;
  }

  /** Adds what `Allow` would list here. */
  collectMethods(into: Set<string>): void {
    for (const method of this.#byMethod.keys()) {
      into.add(method);
      if (method === 'GET') into.add('HEAD');
    }
  }
}

function conflict(route: Route, other: Route): RouteError {
  return new RouteError(
    'ROUTE_CONFLICT',
    `route "${route.config.path}" matches the same requests as the one in line ${other.config.line}; ` +
      'give one of them another path, host or methods',
    route.config.line,
  );
}
