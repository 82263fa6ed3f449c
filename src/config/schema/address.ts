import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { Address } from '../gateway-config.ts';
import { ValueError } from './value-error.ts';

const HOST_NAME = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*$/;
const EXAMPLES = 'write it like 127.0.0.1:8080, [::1]:8080 or :8080';

/**
 * An address to listen on. `:8080` means every IPv4 address of the machine.
 * @throws {ValueError}
 */
export function parseAddress(text: string): Address {
  const colon = text.lastIndexOf(':');
  const rawHost = text.slice(0, Math.max(0, colon));
  const rawPort = text.slice(colon + 1);
  if (colon === -1 || !/^\d{1,5}$/.test(rawPort)) {
    throw new ValueError(`must be an address with a port; ${EXAMPLES}`);
  }
  const port = Number(rawPort);
  if (port > 65_535) throw new ValueError(`must have a port from 0 to 65535, not ${port}`);
  return { host: rawHost === '' ? '0.0.0.0' : parseListenHost(rawHost), port };
}

function parseListenHost(host: string): string {
  if (host.startsWith('[') && host.endsWith(']')) {
    const inner = host.slice(1, -1);
    if (isIPv6(inner) && !inner.includes('%')) return inner;
    throw new ValueError('must have an IPv6 address between the brackets');
  }
  if (host.includes(':')) throw new ValueError(`must have an IPv6 address in brackets; ${EXAMPLES}`);
  if (!isHostName(host)) throw new ValueError(`must begin with an IP address or a host name; ${EXAMPLES}`);
  return host.toLowerCase();
}

/** A DNS name or IPv4 address. Four numbers that are no address (`127.0.0.256`) are not taken for a name. */
export function isHostName(host: string): boolean {
  if (isIPv4(host)) return true;
  return host.length <= 253 && HOST_NAME.test(host) && !/(^|\.)\d+$/.test(host);
}

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  if (isIPv4(host)) return host.startsWith('127.');
  if (!isIPv6(host)) return false;
  // The URL parser writes every IPv6 address in its shortest form (RFC 5952), and ::ffff:127.0.0.1 in hexadecimal.
  const shortest = new URL(`http://[${host}]`).hostname.slice(1, -1);
  return shortest === '::1' || /^::ffff:7f[0-9a-f]{2}:/.test(shortest);
}

/** `127.0.0.1:8080`, `[::1]:8080`. */
export function formatAddress({ host, port }: Address): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * An IP address or a CIDR range.
 * @throws {ValueError}
 */
export function parseRange(text: string): string {
  const [address, prefix, ...rest] = text.split('/');
  const family = isIP(address!);
  if (family === 0 || address!.includes('%') || rest.length > 0) {
    throw new ValueError('must be an IP address or a range such as 10.0.0.0/8');
  }
  const longest = family === 4 ? 32 : 128;
  if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || Number(prefix) > longest)) {
    throw new ValueError(`must have a prefix length from 0 to ${longest} after "/"`);
  }
  return text.toLowerCase();
}
