import { listMembers, valuesOf } from './field-names.ts';
import type { HeaderList } from './message.ts';
import { Refusal } from './refusal.ts';
import { isWebSocketKey } from './websocket-key.ts';

/** What of a request decides whether it may switch protocols. */
export interface UpgradeFacts {
  readonly method: string;
  readonly httpVersion: '1.0' | '1.1';
  readonly headers: HeaderList;
  readonly hasBody: boolean;
}

/**
 * The protocol that a request asks to switch to, as far as it is one that the gateway passes on.
 *
 * RFC 9110 §7.8 lets a server ignore Upgrade, and that is what happens to one that is no upgrade to WebSocket at all:
 * another protocol, another method, HTTP/1.0, a body, or no `Connection: upgrade`, without which the field was not meant
 * for us. One that is meant for us and breaks RFC 6455 §4.2.1 is refused.
 */
export function readUpgrade({
  method,
  httpVersion,
  headers,
  hasBody,
}: UpgradeFacts): 'websocket' | null | Refusal {
  if (method !== 'GET' || httpVersion !== '1.1' || hasBody) return null;
  if (!listMembers(headers, 'upgrade').includes('websocket')) return null;
  const options = listMembers(headers, 'connection');
  if (!options.includes('upgrade')) return null;
  const versions = valuesOf(headers, 'sec-websocket-version');
  // RFC 6455 §4.4: the answer says what would be taken.
  if (versions.length !== 1 || versions[0] !== '13') {
    return new Refusal('UPGRADE_REQUIRED', 'The only version of WebSocket passed on here is 13.', {
      headers: ['Upgrade', 'websocket', 'Sec-WebSocket-Version', '13'],
    });
  }
  const keys = valuesOf(headers, 'sec-websocket-key');
  if (keys.length !== 1 || !isWebSocketKey(keys[0] as string)) {
    return bad('A WebSocket handshake needs one Sec-WebSocket-Key of 16 bytes in base64.');
  }
  // They would be taken off as concerning this hop only, and the upstream would get half a handshake.
  if (options.some((option) => option.startsWith('sec-websocket-'))) {
    return bad('Connection names a field of the WebSocket handshake.');
  }
  return 'websocket';
}

function bad(message: string): Refusal {
  return new Refusal('BAD_REQUEST', message);
}
