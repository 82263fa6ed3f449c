import { describe, expect, it } from 'vitest';
import { clientAddress } from '../../../src/http/client-address.ts';
import { TrustedPeers } from '../../../src/proxy/trusted-peers.ts';

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
    ['without the port that some proxies add', of('10.0.0.1', '198.51.100.1:4711'), '198.51.100.1'],
    ['without the zone of a link', of('fe80::1%eth0'), 'fe80::1'],
    ['the peer’s, where it says nothing', of('10.0.0.1'), '10.0.0.1'],
  ])('is %s', (_, found, expected) => {
    expect(found).toBe(expected);
  });
});
