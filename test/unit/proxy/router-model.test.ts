import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RouteConfig } from '../../../src/config/gateway-config.ts';
import { RouteError } from '../../../src/proxy/route-error.ts';
import { compileRoutes } from '../../../src/proxy/router.ts';
import { routeConfig } from '../../helpers/route-config.ts';

interface Asked {
  readonly host: string;
  readonly method: string;
  readonly path: string;
}

/** The rules as docs/routing.md tells them, by looking at every route: slow, and plain enough to be believed. */
function reference(routes: readonly RouteConfig[], asked: Asked): RouteConfig | 'not found' | string[] {
  const there = routes.filter(
    (route) => hostMatches(route.host, asked.host) && pathMatches(route.path, asked.path),
  );
  const taking = there.filter((route) => takes(route, asked.method));
  if (taking.length === 0) {
    const allow = new Set(there.flatMap((route) => route.methods ?? []));
    if (allow.has('GET')) allow.add('HEAD');
    return allow.size === 0 ? 'not found' : [...allow].sort();
  }
  return taking.reduce((best, route) =>
    compare(rank(route, asked.method), rank(best, asked.method)) > 0 ? route : best,
  );
}

function hostMatches(pattern: string | null, host: string): boolean {
  if (pattern === null || pattern === host) return true;
  return pattern.startsWith('*.') && host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1;
}

function pathMatches(pattern: string, path: string): boolean {
  const own = pattern.split('/').slice(1);
  const asked = path.split('/').slice(1);
  const open = own.at(-1) === '*';
  const fixed = open ? own.slice(0, -1) : own;
  if (open ? asked.length < fixed.length : asked.length !== fixed.length) return false;
  return fixed.every((text, at) => (text.startsWith(':') ? asked[at] !== '' : text === asked[at]));
}

function takes({ methods }: RouteConfig, method: string): boolean {
  return methods === null || methods.includes(method) || (method === 'HEAD' && methods.includes('GET'));
}

/** Larger is more specific, the first difference decides. */
function rank({ host, path, methods }: RouteConfig, method: string): number[] {
  const hostRank = host === null ? 0 : host.startsWith('*.') ? host.length : 1000;
  const segments = path.split('/').slice(1);
  const pathRank = segments.map((text) => (text === '*' ? 0 : text.startsWith(':') ? 1 : 2));
  // The end of a path is more specific than a `*` there; past the end nothing else can match.
  while (pathRank.length < 8) pathRank.push(1);
  return [hostRank, ...pathRank, methods === null ? 0 : methods.includes(method) ? 2 : 1];
}

function compare(left: readonly number[], right: readonly number[]): number {
  const at = left.findIndex((value, index) => value !== right[index]);
  return at === -1 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

const segment = fc.constantFrom('a', 'b', '__proto__', ':x');
const path = fc
  .tuple(fc.array(segment, { maxLength: 4 }), fc.constantFrom('', '/', '/*'))
  .map(([segments, tail]) => {
    const named = segments.map((text, at) => (text === ':x' ? `:x${at}` : text));
    return named.length === 0 ? (tail === '/*' ? '/*' : '/') : `/${named.join('/')}${tail}`;
  });
const host = fc.constantFrom(null, null, 'a.test', 'b.a.test', '*.test', '*.a.test');
const methods = fc.oneof(fc.constant(null), fc.subarray(['GET', 'HEAD', 'POST'], { minLength: 1 }));
const routes = fc
  .array(fc.record({ path, host, methods }), { minLength: 1, maxLength: 14 })
  .map((list) => withoutConflicts(list.map((route, line) => routeConfig(route.path, { ...route, line }))));
const asked = fc.record({
  host: fc.constantFrom('a.test', 'b.a.test', 'c.b.a.test', 'test', 'x.org'),
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS'),
  path: fc
    .tuple(fc.array(fc.constantFrom('a', 'b', '__proto__', 'z'), { maxLength: 5 }), fc.boolean())
    .map(([segments, slash]) => `/${segments.join('/')}${slash && segments.length > 0 ? '/' : ''}`),
});

function withoutConflicts(list: readonly RouteConfig[]): RouteConfig[] {
  const kept: RouteConfig[] = [];
  for (const route of list) {
    try {
      compileRoutes([...kept, route]);
      kept.push(route);
    } catch (error) {
      if (!(error instanceof RouteError) || error.code !== 'ROUTE_CONFLICT') throw error;
    }
  }
  return kept;
}

function answer(list: readonly RouteConfig[], { host: authority, method, path: wanted }: Asked): unknown {
  const match = compileRoutes(list).match(authority, method, wanted);
  if (match.kind === 'route') return match.route.config;
  return match.kind === 'not_found' ? 'not found' : match.allow;
}

describe('the router', () => {
  it('finds what a search through all routes by the documented rules finds', () => {
    fc.assert(
      fc.property(routes, fc.array(asked, { minLength: 1, maxLength: 10 }), (list, requests) => {
        for (const request of requests) expect(answer(list, request)).toEqual(reference(list, request));
      }),
      { numRuns: 1000 },
    );
  });

  it('finds the same whatever the order of the routes', () => {
    const shuffled = routes.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, asked, ([list, other], request) => {
        expect(answer(other, request)).toEqual(answer(list, request));
      }),
      { numRuns: 500 },
    );
  });
});
