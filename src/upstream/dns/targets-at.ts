import type { TargetConfig } from '../../config/gateway-config.ts';

/** Where a name leads. */
export interface Address {
  readonly address: string;
  readonly port: number;
  /** Against those of the name's other addresses; over 0. */
  readonly share: number;
}

/**
 * Makes targets of what a name stands for. Together they have the weight of the configured one: a name keeps its share,
 * however many addresses it has. They stand in a fixed order, because the answers of DNS do not.
 *
 * @param srv the name is that of a service
 */
export function targetsAt(target: TargetConfig, found: readonly Address[], srv: boolean): TargetConfig[] {
  const shares = new Map<string, Address>();
  let total = 0;
  for (const one of found) {
    const place = `${one.address} ${one.port}`;
    shares.set(place, { ...one, share: one.share + (shares.get(place)?.share ?? 0) });
    total += one.share;
  }
  const hostname = srv ? domainOf(target.hostname) : target.hostname;
  return [...shares.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { address, port, share }]) => ({
      ...target,
      url: srv ? originOf(target.protocol, hostname, port) : target.url,
      hostname,
      port,
      address,
      weight: (target.weight * share) / total,
    }));
}

/**
 * `_http._tcp.shop.test` is a service of `shop.test`, and that is the name to prove and to ask for: the name in the
 * record came by DNS, which anybody may have forged (RFC 6125 §6.2.1).
 */
function domainOf(name: string): string {
  return name.replace(/^(?:_[^.]*\.)+/, '');
}

function originOf(protocol: string, hostname: string, port: number): string {
  return new URL(`${protocol}//${hostname}:${port}`).origin;
}
