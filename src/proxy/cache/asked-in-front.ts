import type { HeaderList } from '../../http/message.ts';
import { valuesOf } from './fields.ts';

/** By these a proxy in front tells what it was asked for; upstreams write redirects and links after them. */
const OF_THE_ADDRESS = ['host', 'port', 'prefix', 'proto', 'protocol', 'scheme', 'ssl'].map(
  (word) => `x-forwarded-${word}`,
);

/**
 * RFC 7239 §5.1, §5.2: who has asked, which is another one each time. Everything else stays, also what cannot be
 * understood, because the upstream may understand it.
 */
const NODES = /(?:for|by)=(?:"[^"]*"|[^;,"\s]*)/gi;

/** What a trusted proxy in front was asked for, as parts of a key: each field's name, and its lines as one value. */
export function askedInFront(headers: HeaderList): string[] {
  const parts: string[] = [];
  for (const name of OF_THE_ADDRESS) {
    const values = valuesOf(headers, name);
    if (values.length > 0) parts.push(name, joined(values));
  }
  const forwarded = valuesOf(headers, 'forwarded');
  if (forwarded.length > 0) parts.push('forwarded', joined(forwarded).replace(NODES, ''));
  return parts;
}

function joined(values: readonly string[]): string {
  return values.map((value) => value.trim()).join(', ');
}
