import { type Draft, draftAt, pathText } from '../draft.ts';
import type { Places } from '../places.ts';
import { pathShape } from '../schema/route-path.ts';
import { routeSchema } from '../schema/route-schema.ts';
import { suggestion } from '../suggest.ts';
import { type Located, locate } from '../yaml/located.ts';
import { entries, valid } from './valid.ts';

const { shape } = routeSchema;

/** Routes to upstreams that are not there, two routes for the same requests, paths that cannot be made. */
export function checkRoutes(root: Located, places: Places): Draft[] {
  const drafts: Draft[] = [];
  const taken = new Map<string, Located>();
  const routes = locate(root, ['routes']);
  if (!Array.isArray(routes?.value)) return drafts;
  for (const index of routes.value.keys()) {
    const route = ['routes', index];
    drafts.push(...checkUpstream(root, route));
    drafts.push(...checkPaths(root, route));
    drafts.push(...checkDuplicate(root, route, taken, places));
  }
  return drafts;
}

type RoutePath = readonly (string | number)[];

function checkUpstream(root: Located, route: RoutePath): Draft[] {
  const path = [...route, 'upstream'];
  const name = valid(root, path, shape.upstream);
  const upstreams = entries(root, ['upstreams']).map(([key]) => key);
  if (name === undefined || upstreams.includes(name)) return [];
  const message = `${pathText(path)}: there is no upstream "${name}"; ${suggestion(name, upstreams)}`;
  return [draftAt(locate(root, path)!, 'UNKNOWN_UPSTREAM', message)];
}

function checkPaths(root: Located, route: RoutePath): Draft[] {
  const path = valid(root, [...route, 'path'], shape.path);
  const prefix = valid(root, [...route, 'strip_prefix'], shape.strip_prefix);
  const rewrite = valid(root, [...route, 'rewrite'], shape.rewrite);
  const drafts: Draft[] = [];
  const wrong = (key: string, message: string) =>
    drafts.push(
      draftAt(locate(root, [...route, key])!, 'INVALID_VALUE', `${pathText([...route, key])} ${message}`),
    );
  if (prefix !== undefined && rewrite !== undefined) {
    wrong('rewrite', 'cannot be given together with strip_prefix; a rewrite can leave the prefix out');
  }
  if (path !== undefined && prefix !== undefined && !mayBegin(path, prefix)) {
    wrong('strip_prefix', `is not the beginning of any path that "${path}" matches`);
  }
  if (path !== undefined && rewrite !== undefined) {
    const has = new Set(path.split('/'));
    for (const segment of rewrite.split('/')) {
      const borrowed = segment === '*' || segment.startsWith(':');
      if (borrowed && !has.has(segment)) wrong('rewrite', `uses "${segment}", which "${path}" does not have`);
    }
  }
  return drafts;
}

function mayBegin(path: string, prefix: string): boolean {
  const pattern = path.split('/').slice(1);
  for (const [index, segment] of prefix.split('/').slice(1).entries()) {
    const at = pattern[index];
    if (at === '*') return true;
    if (at === undefined || (!at.startsWith(':') && pathShape(at) !== pathShape(segment))) return false;
  }
  return true;
}

function checkDuplicate(
  root: Located,
  route: RoutePath,
  taken: Map<string, Located>,
  places: Places,
): Draft[] {
  const located = locate(root, [...route, 'path']);
  const path = valid(root, [...route, 'path'], shape.path);
  const given = (key: string) => locate(root, [...route, key]) !== undefined;
  const host = valid(root, [...route, 'host'], shape.host);
  const methods = valid(root, [...route, 'methods'], shape.methods);
  const unclear = (given('host') && host === undefined) || (given('methods') && methods === undefined);
  if (path === undefined || located === undefined || unclear) return [];
  const drafts: Draft[] = [];
  // A route that names the method goes before one for all methods, so only like and like are in each other's way.
  for (const method of new Set(methods ?? ['*'])) {
    const key = [method, host ?? '', pathShape(path)].join(' ');
    const first = taken.get(key);
    if (first === undefined) taken.set(key, located);
    else if (drafts.length === 0) {
      const what = method === '*' ? 'the same requests' : `the same ${method} requests`;
      const message = `${pathText(route)} matches ${what} as the route in line ${places.line(first.range[0])}; give one of them another path, host or methods`;
      drafts.push(draftAt(located, 'DUPLICATE_ROUTE', message));
    }
  }
  return drafts;
}
