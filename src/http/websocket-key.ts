import { createHash } from 'node:crypto';

/** RFC 6455 §4.1: what the server proves with that it has read the key. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** RFC 6455 §4.2.1: sixteen bytes in base64. */
export function isWebSocketKey(value: string): boolean {
  return /^[A-Za-z0-9+/]{22}==$/.test(value);
}

/** The Sec-WebSocket-Accept that answers a Sec-WebSocket-Key (RFC 6455 §4.2.2). */
export function webSocketAccept(key: string): string {
  return createHash('sha1').update(key).update(GUID).digest('base64');
}
