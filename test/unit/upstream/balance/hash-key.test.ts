import { describe, expect, it } from 'vitest';
import type { BalanceConfig } from '../../../../src/config/gateway-config.ts';
import { hashKeyOf } from '../../../../src/upstream/balance/hash-key.ts';

function key(balance: BalanceConfig, headers: string[] = [], remoteAddress = '10.0.0.7'): string | null {
  const header = (name: string) => {
    const at = headers.findIndex((field, index) => index % 2 === 0 && field.toLowerCase() === name);
    return at < 0 ? undefined : headers[at + 1];
  };
  return hashKeyOf(balance)({ headers, header, remoteAddress });
}

const session: BalanceConfig = { type: 'hash', by: 'cookie', name: 'session' };

describe('what hashing goes by', () => {
  it.each(['round_robin', 'least_requests', 'latency'] as const)('is nothing with %s', (type) => {
    expect(key({ type }, ['X-User', 'ann'])).toBeNull();
  });

  it('is the client’s address', () => {
    expect(key({ type: 'hash', by: 'ip', name: '' }, [], '::1')).toBe('::1');
  });

  it('is a field, when there is one that says something', () => {
    const balance: BalanceConfig = { type: 'hash', by: 'header', name: 'x-user' };
    expect(key(balance, ['X-User', 'ann', 'X-User', 'bob'])).toBe('ann');
    expect(key(balance, ['X-Other', 'ann'])).toBeNull();
    expect(key(balance, ['X-User', ''])).toBeNull();
  });

  it.each([
    ['session=a1', 'a1'],
    ['theme=dark; session=a1; other=b', 'a1'],
    ['theme=dark;session=a1', 'a1'],
    [' session = a1 ', 'a1'],
    ['session=a=b==', 'a=b=='],
    ['session="a1"', '"a1"'],
    ['session=a1; session=b2', 'a1'],
    ['mysession=a1; session=b2', 'b2'],
    ['Session=a1; session=b2', 'b2'],
    ['x=session=a1', null],
    ['session', null],
    ['session=', null],
    ['=session', null],
    ['', null],
    [';;;', null],
  ])('is a cookie: of %j it is %j', (field, expected) => {
    expect(key(session, ['Accept', '*/*', 'Cookie', field])).toBe(expected);
  });

  it('is a cookie in whichever field it stands', () => {
    expect(key(session, ['cookie', 'theme=dark', 'X', 'session=x', 'cookie', 'session=a1'])).toBe('a1');
    expect(key(session, ['X-Cookie', 'session=a1'])).toBeNull();
  });
});
