import { describe, expect, it } from 'vitest';
import { readUpgrade } from '../../../src/http/read-upgrade.ts';
import { Refusal } from '../../../src/http/refusal.ts';
import { isWebSocketKey, webSocketAccept } from '../../../src/http/websocket-key.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** A good handshake with fields changed (null: left out, an array: one line for each). */
function read(
  changes: Record<string, string | string[] | null> = {},
  facts: Partial<Parameters<typeof readUpgrade>[0]> = {},
): string | null {
  const fields: Record<string, string | string[] | null> = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': KEY,
    ...changes,
  };
  const headers = Object.entries(fields).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().flatMap((line) => [name, line]),
  );
  const found = readUpgrade({ method: 'GET', httpVersion: '1.1', hasBody: false, headers, ...facts });
  return found instanceof Refusal ? found.code : found;
}

describe('readUpgrade', () => {
  it.each([
    ['as the RFC writes it', {}],
    ['in any case', { Upgrade: 'WebSocket', Connection: 'UPGRADE' }],
    ['among other connection options', { Connection: 'keep-alive, Upgrade' }],
    ['on a second Connection line', { Connection: ['keep-alive', 'upgrade'] }],
    ['beside protocols that are not passed on', { Upgrade: 'h2c, websocket, TLS/1.0' }],
  ])('duty 56: takes a handshake %s', (_how, changes) => {
    expect(read(changes)).toBe('websocket');
  });

  it.each([
    ['another method', {}, { method: 'POST' }],
    ['HTTP/1.0', {}, { httpVersion: '1.0' as const }],
    ['a body', {}, { hasBody: true }],
    ['no Connection', { Connection: null }, {}],
    ['a Connection that does not name it', { Connection: 'keep-alive' }, {}],
    ['another protocol (duty 57)', { Upgrade: 'h2c' }, {}],
    ['no token but one that contains it', { Upgrade: 'websockets' }, {}],
    ['no Upgrade', { Upgrade: null }, {}],
  ])('duty 56: ignores an upgrade with %s', (_what, changes, facts) => {
    expect(read(changes, facts)).toBeNull();
  });

  it.each([
    ['of an older version', '8'],
    ['of a later version', '14'],
    ['without a version', null],
    ['with two versions', ['13', '13']],
    ['with a list of versions', '13, 8'],
    ['with a version written otherwise', '013'],
  ])('duty 56: answers one %s with 426', (_what, version) => {
    expect(read({ 'Sec-WebSocket-Version': version })).toBe('UPGRADE_REQUIRED');
  });

  it.each([
    ['no key', { 'Sec-WebSocket-Key': null }],
    ['an empty key', { 'Sec-WebSocket-Key': '' }],
    ['a key of 15 bytes', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j' }],
    ['a key of 17 bytes', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZSE=' }],
    ['a key with other characters', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub2-jZQ==' }],
    ['two keys', { 'Sec-WebSocket-Key': [KEY, KEY] }],
    ['a key that Connection takes away', { Connection: 'Upgrade, Sec-WebSocket-Key' }],
  ])('duty 56: refuses one with %s', (_what, changes) => {
    expect(read(changes)).toBe('BAD_REQUEST');
  });
});

describe('a WebSocket key', () => {
  it('is answered as in the example of RFC 6455 §1.3', () => {
    expect(isWebSocketKey(KEY)).toBe(true);
    expect(webSocketAccept(KEY)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });
});
