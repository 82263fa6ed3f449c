import { BlockList, isIPv6 } from 'node:net';

/** The addresses whose forwarding fields are believed (`server.trusted_proxies`). */
export class TrustedPeers {
  readonly #list = new BlockList();
  readonly #empty: boolean;

  /** @param entries IP addresses and CIDR ranges, checked by the configuration */
  constructor(entries: readonly string[]) {
    this.#empty = entries.length === 0;
    for (const entry of entries) {
      const [address = '', prefix] = entry.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      if (prefix === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Number(prefix), family);
    }
  }

  /** @param address as a socket says it, without zone */
  trusts(address: string): boolean {
    if (this.#empty) return false;
    return this.#list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }
}
