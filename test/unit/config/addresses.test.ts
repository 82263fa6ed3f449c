import { Resolver } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress, parseRange } from '../../../src/config/schema/address.ts';
import { parseDnsServer } from '../../../src/config/schema/dns-schema.ts';
import { parseHostPattern as parseHost, parseName } from '../../../src/config/schema/names.ts';
import { parseRedisUrl } from '../../../src/config/schema/redis-url.ts';
import { parseTargetUrl } from '../../../src/config/schema/target-url.ts';
import { parseHostPattern as routerHost } from '../../../src/proxy/host-pattern.ts';

describe('an address to listen on', () => {
  it.each([
    ['127.0.0.1:8080', '127.0.0.1', 8080],
    ['[::1]:8080', '::1', 8080],
    [':8080', '0.0.0.0', 8080],
    ['localhost:0', 'localhost', 0],
    ['Gateway-1.internal:65535', 'gateway-1.internal', 65_535],
  ])('may be %s', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
    expect(parseAddress(formatAddress({ host, port }))).toEqual({ host, port });
  });

  it.each([
    ['8080', 'with a port'],
    ['127.0.0.1', 'with a port'],
    ['127.0.0.1:', 'with a port'],
    ['127.0.0.1:http', 'with a port'],
    ['127.0.0.1:65536', 'from 0 to 65535'],
    ['::1:8080', 'in brackets'],
    ['[::1%lo]:8080', 'between the brackets'],
    ['[127.0.0.1]:8080', 'between the brackets'],
    ['127.0.0.256:8080', 'an IP address or a host name'],
    ['http://127.0.0.1:8080', 'in brackets'],
    ['*:8080', 'an IP address or a host name'],
    ['-a:8080', 'an IP address or a host name'],
  ])('cannot be %s', (text, message) => {
    expect(() => parseAddress(text)).toThrow(message);
  });
});

describe('a target', () => {
  it.each([
    ['http://127.0.0.1:9001', 'http://127.0.0.1:9001', '127.0.0.1', 9001],
    ['HTTP://Auth-Service:8081/', 'http://auth-service:8081', 'auth-service', 8081],
    ['http://a', 'http://a', 'a', 80],
    ['https://a', 'https://a', 'a', 443],
    ['https://[::1]:8443', 'https://[::1]:8443', '::1', 8443],
    ['http://_auth._tcp.internal', 'http://_auth._tcp.internal', '_auth._tcp.internal', 80],
  ])('may be %s', (text, url, hostname, port) => {
    expect(parseTargetUrl(text)).toMatchObject({ url, hostname, port });
  });

  it.each([
    ['auth:8081', 'with its scheme'],
    ['127.0.0.1:8081', 'with its scheme'],
    ['ftp://a', 'must begin with http:// or https://'],
    ['http://user@a', 'user name or password'],
    ['http://user:secret@a', 'user name or password'],
    ['http://a/api', '"rewrite" in the route can put /api before it'],
    ['http://a?x=1', 'query'],
    ['http://a/#', 'fragment'],
    ['http://a:0', 'port 0'],
    ['http://a:99999', 'must be a URL'],
    ['http://', 'must be a URL'],
    ['http:\\\\a', 'with its scheme'],
    ['http:///a', 'must'],
    ['http://a b', 'must be a URL'],
  ])('cannot be %s', (text, message) => {
    expect(() => parseTargetUrl(text)).toThrow(message);
  });
});

describe('a route’s host', () => {
  it.each(['www.example.com', '*.example.com', 'localhost', '10.0.0.1', '[::1]'])('may be %s', (host) => {
    expect(parseHost(host)).toBe(host);
    expect(routerHost(host)).not.toBeNull();
  });

  it.each([
    '',
    '*',
    '*.',
    'a:1',
    '[::1]:1',
    '*.[::1]',
    'a.',
    '.a',
    'a_b',
    'a b',
    '*a.b',
    '256.1.1.1',
    'http://a',
  ])('cannot be "%s"', (host) => {
    expect(() => parseHost(host)).toThrow();
  });
});

describe('a name server', () => {
  it.each(['127.0.0.1', '127.0.0.1:8600', '::1', '[::1]', '[::1]:53', 'fd00::53'])(
    'may be %s, as Node.js takes it',
    (server) => {
      expect(parseDnsServer(server)).toBe(server);
      expect(() => new Resolver().setServers([server])).not.toThrow();
    },
  );

  it.each([
    ['', 'must be an IP address'],
    ['localhost', 'must be an IP address'],
    ['127.0.0.256', 'must be an IP address'],
    ['127.0.0.1:', 'must be an IP address'],
    ['[127.0.0.1]:53', 'must be an IP address'],
    ['[::1', 'must be an IP address'],
    ['fe80::1%lo', 'must be an IP address'],
    ['127.0.0.1:0', 'must have a port from 1 to 65535'],
    ['[::1]:65536', 'must have a port from 1 to 65535'],
  ])('cannot be %s', (server, message) => {
    expect(() => parseDnsServer(server)).toThrow(message);
  });
});

describe('Redis', () => {
  it.each(['redis://localhost', 'rediss://user:pass@redis.internal:6380/15', 'redis://:p%40ss@[::1]:6379/'])(
    'may be at %s',
    (url) => {
      expect(parseRedisUrl(url)).toBe(url);
    },
  );
});

describe('others', () => {
  it('a range is an address with or without a prefix length', () => {
    expect(['10.0.0.0/8', '::1', 'FD00::/8', '0.0.0.0/0'].map(parseRange)).toEqual([
      '10.0.0.0/8',
      '::1',
      'fd00::/8',
      '0.0.0.0/0',
    ]);
    for (const bad of [
      '',
      'a',
      '10.0.0/8',
      '10.0.0.0/33',
      '::/129',
      '10.0.0.0/8/8',
      '10.0.0.0/',
      'fe80::1%lo',
    ]) {
      expect(() => parseRange(bad)).toThrow();
    }
  });

  it('a name has no character that means something in a header, a path or a label', () => {
    expect(parseName('auth-service_1.http')).toBe('auth-service_1.http');
    for (const bad of ['', '-a', '.a', 'a b', 'a/b', 'a\nb', 'ä', 'a'.repeat(64)]) {
      expect(() => parseName(bad)).toThrow();
    }
  });
});
