import { isIPv4, isIPv6 } from 'node:net';
import type { DnsConfig } from '../gateway-config.ts';
import { described, duration, oneOf, text, withDefault } from './field.ts';
import { listOf } from './list-of.ts';
import { mapping } from './structure.ts';
import { ValueError } from './value-error.ts';

/**
 * A name server: an IP address, with or without a port.
 * @throws {ValueError}
 */
export function parseDnsServer(value: string): string {
  const [, bracketed, bare, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(value) ?? [];
  const address = isIPv6(value) ? value : (bracketed ?? bare ?? '');
  const right = bracketed === undefined ? isIPv4(address) || isIPv6(value) : isIPv6(address);
  if (!right || address.includes('%')) {
    throw new ValueError('must be an IP address, with or without a port: 127.0.0.1:8600, [::1]:53');
  }
  if (port !== undefined && (Number(port) === 0 || Number(port) > 65_535)) {
    throw new ValueError(`must have a port from 1 to 65535, not ${Number(port)}`);
  }
  return value;
}

const RECORDS = ['any', 'a', 'aaaa', 'srv'] as const satisfies readonly DnsConfig['records'][];

/** `upstreams.<name>.dns`. */
export const dnsFieldsSchema = mapping({
  refresh: withDefault(
    duration({ doc: 'How often the names are looked up again.', min: '100ms', max: '24h' }),
    '30s',
  ),
  records: withDefault(
    oneOf({
      doc: 'IPv4 addresses (`a`), IPv6 addresses (`aaaa`), IPv4 or else IPv6 (`any`), or hosts with ports and weights (`srv`).',
      values: RECORDS,
    }),
    'any',
  ),
  servers: listOf(text({ doc: 'A name server.', type: 'address', parse: parseDnsServer }), {
    doc: 'Name servers to ask, `127.0.0.1:8600` or `[::1]:53`; none: those of the system.',
    type: 'list of addresses',
    example: 'a list of addresses such as [127.0.0.1:8600]',
    empty: null,
    absent: '`[]`',
  }),
});

export const dnsSchema = described(dnsFieldsSchema.optional(), {
  doc: 'Makes every address that a target’s host name stands for a target of its own. Absent: the system looks the name up at every connection.',
  type: 'mapping (below)',
  bounds: null,
  default: null,
});
