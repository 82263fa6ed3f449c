import { describe, expect, it } from 'vitest';
import { lineOf } from './kit.ts';

function client(peer: string, forwardedFor: string[], clientAddress: 'full' | 'prefix' | 'none' = 'full') {
  const headers = forwardedFor.flatMap((value) => ['X-Forwarded-For', value]);
  const line = lineOf({ remoteAddress: peer, headers }, { clientAddress }, ['10.0.0.0/8', '::1']);
  return [line.client, line.peer];
}

describe('who asks', () => {
  it.each<[peer: string, forwardedFor: string[], client: string, peer: string | undefined]>([
    ['203.0.113.9', [], '203.0.113.9', undefined],
    ['203.0.113.9', ['198.51.100.1'], '203.0.113.9', undefined],
    ['10.0.0.1', [], '10.0.0.1', undefined],
    ['10.0.0.1', ['198.51.100.1'], '198.51.100.1', '10.0.0.1'],
    ['10.0.0.1', ['1.1.1.1, 198.51.100.1, 10.0.0.2'], '198.51.100.1', '10.0.0.1'],
    ['10.0.0.1', ['1.1.1.1', '198.51.100.1'], '198.51.100.1', '10.0.0.1'],
    ['10.0.0.1', ['198.51.100.1:4711'], '198.51.100.1', '10.0.0.1'],
    ['::1', ['[2001:db8::7]:80'], '2001:db8::7', '::1'],
    ['::1', ['2001:db8::7'], '2001:db8::7', '::1'],
    ['10.0.0.1', ['::ffff:198.51.100.1'], '198.51.100.1', '10.0.0.1'],
    ['10.0.0.1', ['198.51.100.1, unknown'], '10.0.0.1', undefined],
    ['10.0.0.1', ['\u001b[31m'], '10.0.0.1', undefined],
    ['10.0.0.1', ['10.0.0.3, 10.0.0.2'], '10.0.0.3', '10.0.0.1'],
    ['fe80::1%eth0', [], 'fe80::1', undefined],
  ])('over %s, for %j: %s', (peer, forwardedFor, who, through) => {
    expect(client(peer, forwardedFor)).toEqual([who, through]);
  });

  it.each([
    ['203.0.113.9', '203.0.113.0/24'],
    ['2001:db8:1:2::7', '2001:db8:1::/48'],
    ['2001:DB8::7', '2001:db8:0::/48'],
    ['::2', '0:0:0::/48'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0::/48'],
  ])('is told by its prefix where that is enough: %s as %s', (peer, prefix) => {
    expect(client(peer, [], 'prefix')).toEqual([prefix, undefined]);
  });

  it('is told neither of the client nor of the peer where nobody may know', () => {
    expect(client('10.0.0.1', ['198.51.100.1'], 'prefix')).toEqual(['198.51.100.0/24', '10.0.0.0/24']);
    expect(client('10.0.0.1', ['198.51.100.1'], 'none')).toEqual([undefined, undefined]);
  });
});
