import { describe, expect, it } from 'vitest';
import { TrustedPeers } from '../../../src/proxy/trusted-peers.ts';
import { clientAddress } from '../../../src/tracing/client-address.ts';
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

describe('the client’s address', () => {
  const trusts = (address: string) => new TrustedPeers(['10.0.0.0/8']).trusts(address);
  const of = (remoteAddress: string, ...forwarded: string[]) =>
    clientAddress(
      { remoteAddress, headers: forwarded.flatMap((value) => ['X-Forwarded-For', value]) },
      trusts,
    );

  it.each([
    ['the peer’s, whatever one says that is not believed', of('192.0.2.1', '198.51.100.1'), '192.0.2.1'],
    [
      'the last that is no proxy of ours',
      of('10.0.0.1', '192.0.2.9, 198.51.100.1, 10.0.0.2'),
      '198.51.100.1',
    ],
    ['over several fields', of('10.0.0.1', '198.51.100.1', '10.0.0.3, 10.0.0.2'), '198.51.100.1'],
    ['the first where all are ours', of('10.0.0.1', '10.0.0.3, 10.0.0.2'), '10.0.0.3'],
    [
      'not behind something that is no address',
      of('10.0.0.1', '198.51.100.1, unknown, 10.0.0.2'),
      '10.0.0.2',
    ],
    ['of IPv6 in brackets', of('10.0.0.1', '[2001:db8::1]'), '2001:db8::1'],
    ['the peer’s, where it says nothing', of('10.0.0.1'), '10.0.0.1'],
  ])('is %s', (_, found, expected) => {
    expect(found).toBe(expected);
  });
});
