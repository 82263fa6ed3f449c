import { describe, expect, it } from 'vitest';
import { SecretNames } from '../../../../src/observe/access-log/secret-names.ts';
import { lineOf } from './kit.ts';

const M = '********';

describe('the query in the access log', () => {
  it.each([
    ['names', '/a?b=1&token=2&c', `/a?b=${M}&token=${M}&${M}`],
    ['names', '/a?b=1;token=2&&d=', `/a?b=${M}&&d=${M}`],
    ['names', '/a?', '/a?'],
    ['names', '/a', '/a'],
    ['drop', '/a?b=1', '/a'],
    ['keep', '/a?b=1&c&d=2?x', '/a?b=1&c&d=2?x'],
    ['keep', '/a?b=1&token=2&TOKEN=3;api-key=4', `/a?b=1&token=${M}&TOKEN=${M};api-key=${M}`],
    [
      'keep',
      '/a?%74oken=2&user%5Bpassword%5D=3&auth.jwt=4',
      `/a?%74oken=${M}&user%5Bpassword%5D=${M}&auth.jwt=${M}`,
    ],
    ['keep', '/a?%zz=1&tokens=2&my+token=3', `/a?%zz=${M}&tokens=2&my+token=${M}`],
    ['keep', '/a?patient=7&X-User=8', `/a?patient=${M}&X-User=${M}`],
  ] as const)('to %s: %s is %s', (query, target, path) => {
    expect(lineOf({ target }, { query, redact: ['patient', 'x-user'] }).path).toBe(path);
  });
});

describe('a header field that holds a URL', () => {
  it.each([
    ['names', `https://a.b/c?d=${M}&token=${M}`],
    ['keep', `https://a.b/c?d=1&token=${M}`],
    ['drop', 'https://a.b/c'],
  ] as const)('has its query treated like that of the request: to %s', (query, referer) => {
    const headers = ['Referer', 'https://a.b/c?d=1&token=2', 'X-Asks', '/c?d'];
    const line = lineOf({ headers }, { query, requestHeaders: ['referer', 'x-asks'] });
    expect(line.headers).toEqual({ referer, 'x-asks': '/c?d' });
  });
});

describe('names of secrets', () => {
  it.each([
    'Authorization',
    'proxy-authorization',
    'Cookie',
    'Set-Cookie',
    'X-Api-Key',
    'password',
    'api_key',
    'accessToken',
    'clientSecret',
    'authToken',
  ])('hold %s', (name) => expect(new SecretNames([]).has(name)).toBe(true));

  it('hold those that are configured, and no others', () => {
    const secrets = new SecretNames(['patient-id', 'a.b']);
    expect(['Patient_Id', 'a.b', 'user', 'passwordless', ''].map((name) => secrets.has(name))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
