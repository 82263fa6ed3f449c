import { firstValue } from '../field-names.ts';
import type { HeaderList, InboundBody, InboundRequest } from '../message.ts';
import type { InboundHead } from '../request-head.ts';

/** A request as the handler sees it. */
export class NodeRequest implements InboundRequest {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly httpVersion: '1.0' | '1.1';
  readonly headers: HeaderList;
  readonly remoteAddress: string;
  readonly scheme = 'http';
  readonly body: InboundBody | null;
  readonly upgrade: 'websocket' | null;

  constructor(head: InboundHead, remoteAddress: string, body: InboundBody | null) {
    this.method = head.method;
    this.target = head.target;
    this.authority = head.authority;
    this.httpVersion = head.httpVersion;
    this.headers = head.isUpgrade ? withoutUpgrade(head.headers) : head.headers;
    this.remoteAddress = remoteAddress;
    this.body = body;
    this.upgrade = head.upgrade;
  }

  header(name: string): string | undefined {
    return firstValue(this.headers, name);
  }
}

/** RFC 9110 §7.8: a server may ignore Upgrade; what is ignored must not be passed on either. */
function withoutUpgrade(headers: HeaderList): HeaderList {
  const kept: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    if (name.toLowerCase() !== 'upgrade') kept.push(name, headers[at + 1] as string);
  }
  return kept;
}

/** IPv4-mapped IPv6 is written as IPv4, so that one peer has one address whatever socket it came through. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
