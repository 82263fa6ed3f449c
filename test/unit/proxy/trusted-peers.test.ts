import { describe, expect, it } from 'vitest';
import { TrustedPeers } from '../../../src/proxy/trusted-peers.ts';

describe('trusted peers', () => {
  const peers = new TrustedPeers(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32', 'fe80::/10']);

  it.each(['10.0.0.1', '10.255.255.255', '192.0.2.1', '2001:db8:1::5', 'fe80::1%eth0'])(
    '%s is one',
    (peer) => {
      expect(peers.trusts(peer)).toBe(true);
    },
  );

  it.each(['11.0.0.1', '192.0.2.2', '2001:db9::1', '::1', '', 'unknown', '010.0.0.1'])(
    '%j is none',
    (peer) => {
      expect(peers.trusts(peer)).toBe(false);
    },
  );

  it('are nobody unless configured', () => {
    expect(new TrustedPeers([]).trusts('127.0.0.1')).toBe(false);
  });
});
