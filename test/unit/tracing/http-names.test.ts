import { describe, expect, it } from 'vitest';
import { hostAndPort, methodOf, spanName, withoutQuery } from '../../../src/tracing/http-names.ts';

describe('names in spans', () => {
  it.each([
    ['GET', '/a/*', 'GET', 'GET /a/*'],
    ['GET', null, 'GET', 'GET'],
    ['get', '/a/*', '_OTHER', 'HTTP /a/*'],
    ['PURGE', null, '_OTHER', 'HTTP'],
    ['__proto__', null, '_OTHER', 'HTTP'],
  ])('%s on %s', (method, route, known, name) => {
    expect([methodOf(method), spanName(method, route)]).toEqual([known, name]);
  });

  it.each([
    ['/a?b=c', '/a'],
    ['/a', '/a'],
    ['/?', '/'],
    ['*', '*'],
    ['/a%3Fb?c?d', '/a%3Fb'],
  ])('of the target %s there is %s', (target, shown) => {
    expect(withoutQuery(target)).toBe(shown);
  });

  it.each([
    ['a.example', 'a.example', 80],
    ['a.example:8080', 'a.example', 8080],
    ['[::1]', '::1', 80],
    ['[::1]:8080', '::1', 8080],
  ])('the authority %s', (authority, host, port) => {
    expect(hostAndPort(authority, 'http')).toEqual({ host, port });
  });
});
