import type { PatternSegment } from './path-pattern.ts';
import type { Route } from './route.ts';
import { RouteLeaf } from './route-leaf.ts';

class Node {
  readonly literals = new Map<string, Node>();
  param: Node | null = null;
  /** Routes that end here. */
  exact: RouteLeaf | null = null;
  /** Routes whose final `*` stands here. */
  rest: RouteLeaf | null = null;
}

/**
 * The routes of one host by path, a segment per level.
 *
 * A search visits a node at most once, because a node stands at one depth only: its cost is bounded by the
 * configured routes, whatever path a client makes up. Literals are looked up in a Map, so that no segment can
 * meet a property of Object.
 */
export class PathTrie {
  readonly #root = new Node();

  /** @throws {RouteError} `ROUTE_CONFLICT` */
  add(pattern: readonly PatternSegment[], route: Route): void {
    let node = this.#root;
    for (const segment of pattern) {
      if (segment.kind === 'rest') {
        node.rest ??= new RouteLeaf();
        node.rest.add(route);
        return;
      }
      node = segment.kind === 'literal' ? literalChild(node, segment.text) : paramChild(node);
    }
    node.exact ??= new RouteLeaf();
    node.exact.add(route);
  }

  /**
   * The most specific route for the path that takes the method: at the first segment where two differ, a literal
   * goes before a parameter and a parameter before `*`. Where a branch ends without one, the next is tried.
   *
   * @param allowed gathers the methods of the routes that the path matched and the method did not; null: nobody asks
   */
  find(path: string, method: string, allowed: Set<string> | null): Route | null {
    return search(this.#root, path, 1, { method, allowed });
  }
}

interface Wanted {
  readonly method: string;
  readonly allowed: Set<string> | null;
}

/** @param start where the segment begins; past the end of the path when there is none left */
function search(node: Node, path: string, start: number, wanted: Wanted): Route | null {
  if (start > path.length) return take(node.exact, wanted) ?? take(node.rest, wanted);
  let end = path.indexOf('/', start);
  if (end === -1) end = path.length;
  const literal = node.literals.get(path.slice(start, end));
  let route = literal === undefined ? null : search(literal, path, end + 1, wanted);
  // A parameter stands for something: `/a/:id` is not for `/a/`.
  if (route === null && node.param !== null && end > start) route = search(node.param, path, end + 1, wanted);
  return route ?? take(node.rest, wanted);
}

function take(leaf: RouteLeaf | null, { method, allowed }: Wanted): Route | null {
  if (leaf === null) return null;
  const route = leaf.find(method);
  if (route === null && allowed !== null) leaf.collectMethods(allowed);
  return route;
}

function paramChild(node: Node): Node {
  node.param ??= new Node();
  return node.param;
}

function literalChild(node: Node, text: string): Node {
  let next = node.literals.get(text);
  if (next === undefined) {
    next = new Node();
    node.literals.set(text, next);
  }
  return next;
}
