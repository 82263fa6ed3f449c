import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/http/refusal.ts';
import { type InboundHead, type RawHead, readHead } from '../../../src/http/request-head.ts';

const limits = { maxHeaderBytes: 1_000, maxHeaderCount: 10, maxTargetBytes: 100, maxBodyBytes: 50 };

function read(head: Partial<RawHead>): InboundHead | Refusal {
  return readHead(
    { method: 'GET', target: '/', httpVersion: '1.1', headers: ['Host', 'a.example'], ...head },
    limits,
  );
}

function accepted(head: Partial<RawHead>): InboundHead {
  const result = read(head);
  if (result instanceof Refusal) throw result;
  return result;
}

function codeOf(head: Partial<RawHead>): string | null {
  const result = read(head);
  return result instanceof Refusal ? result.code : null;
}

const withFields = (...fields: string[]) => ['Host', 'a.example', ...fields];

describe('readHead', () => {
  it('accepts a plain request and keeps its target and fields as they are', () => {
    const headers = withFields('X-A', '1', 'x-a', '2');
    expect(accepted({ target: '/a%2Fb?c=%41', headers })).toEqual({
      method: 'GET',
      target: '/a%2Fb?c=%41',
      authority: 'a.example',
      httpVersion: '1.1',
      headers,
      hasBody: false,
      bodyLength: null,
      expectsContinue: false,
      isLast: false,
      isUpgrade: false,
      upgrade: null,
    });
  });

  it('duty 6 and 7: refuses control characters in values, and names that are no tokens', () => {
    for (const value of ['a\rb', 'a\nb', 'a\0b']) {
      expect(codeOf({ headers: withFields('X', value) })).toBe('BAD_REQUEST');
    }
    for (const name of ['', 'a b', 'X ', 'X\0', 'X:']) {
      expect(codeOf({ headers: withFields(name, 'a') })).toBe('BAD_REQUEST');
    }
  });

  it.each([
    ['both', ['Content-Length', '3', 'Transfer-Encoding', 'chunked'], 'BAD_REQUEST'],
    ['two equal lengths', ['Content-Length', '3', 'content-length', '3'], 'BAD_REQUEST'],
    ['two lengths', ['Content-Length', '3', 'Content-Length', '4'], 'BAD_REQUEST'],
    ['a list of lengths', ['Content-Length', '3, 3'], 'BAD_REQUEST'],
    ['an empty length', ['Content-Length', ''], 'BAD_REQUEST'],
    ['+5', ['Content-Length', '+5'], 'BAD_REQUEST'],
    ['-5', ['Content-Length', '-5'], 'BAD_REQUEST'],
    ['0x5', ['Content-Length', '0x5'], 'BAD_REQUEST'],
    ['1_0', ['Content-Length', '1_0'], 'BAD_REQUEST'],
    ['5.0', ['Content-Length', '5.0'], 'BAD_REQUEST'],
    ['1e3', ['Content-Length', '1e3'], 'BAD_REQUEST'],
    ['a space inside', ['Content-Length', '5 5'], 'BAD_REQUEST'],
    ['2^53', ['Content-Length', '9007199254740992'], 'BAD_REQUEST'],
    ['overflow', ['Content-Length', '99999999999999999999'], 'BAD_REQUEST'],
    ['an empty coding', ['Transfer-Encoding', ''], 'BAD_REQUEST'],
    ['chunked twice', ['Transfer-Encoding', 'chunked, chunked'], 'BAD_REQUEST'],
    [
      'chunked twice in two lines',
      ['Transfer-Encoding', 'chunked', 'TRANSFER-encoding', 'Chunked'],
      'BAD_REQUEST',
    ],
    ['chunked not last', ['Transfer-Encoding', 'chunked, gzip'], 'BAD_REQUEST'],
    ['gzip', ['Transfer-Encoding', 'gzip'], 'METHOD_NOT_IMPLEMENTED'],
    ['gzip before chunked', ['Transfer-Encoding', 'gzip, chunked'], 'METHOD_NOT_IMPLEMENTED'],
    ['identity', ['Transfer-Encoding', 'identity'], 'METHOD_NOT_IMPLEMENTED'],
    ['xchunked', ['Transfer-Encoding', 'xchunked'], 'METHOD_NOT_IMPLEMENTED'],
    ['chunked with a parameter', ['Transfer-Encoding', 'chunked;q=1'], 'METHOD_NOT_IMPLEMENTED'],
  ])('duties 15, 17 and 18: refuses the framing %s', (_, fields, code) => {
    expect(codeOf({ method: 'POST', headers: withFields(...fields) })).toBe(code);
  });

  it('duty 16: refuses Transfer-Encoding in HTTP/1.0', () => {
    const headers = withFields('Transfer-Encoding', 'chunked');
    expect(codeOf({ method: 'POST', httpVersion: '1.0', headers })).toBe('BAD_REQUEST');
  });

  it('reads a length, none for zero, and chunked in any case', () => {
    const post = (...fields: string[]) => accepted({ method: 'POST', headers: withFields(...fields) });
    expect(post('Content-Length', '7')).toMatchObject({ hasBody: true, bodyLength: 7 });
    expect(post('Content-Length', '007')).toMatchObject({ hasBody: true, bodyLength: 7 });
    expect(post('Content-Length', '0')).toMatchObject({ hasBody: false, bodyLength: null });
    expect(post('Transfer-Encoding', 'CHUNKED')).toMatchObject({ hasBody: true, bodyLength: null });
  });

  it('duty 33: knows no expectation but 100-continue', () => {
    const post = (expectation: string) => withFields('Content-Length', '1', 'Expect', expectation);
    expect(codeOf({ method: 'POST', headers: post('200-ok') })).toBe('EXPECTATION_FAILED');
    expect(codeOf({ method: 'POST', headers: post('100-continue, x') })).toBe('EXPECTATION_FAILED');
    expect(codeOf({ method: 'POST', headers: post('') })).toBe('EXPECTATION_FAILED');
    expect(accepted({ method: 'POST', headers: post('100-Continue') }).expectsContinue).toBe(true);
  });

  it('RFC 9110 §10.1.1: ignores 100-continue in HTTP/1.0 and without a body', () => {
    const headers = withFields('Content-Length', '1', 'Expect', '100-continue');
    expect(accepted({ method: 'POST', httpVersion: '1.0', headers }).expectsContinue).toBe(false);
    expect(accepted({ headers: withFields('Expect', '100-continue') }).expectsContinue).toBe(false);
  });

  it('duty 40: HTTP/1.0 and `close` make a request the last', () => {
    expect(accepted({ httpVersion: '1.0' }).isLast).toBe(true);
    expect(accepted({ httpVersion: '1.0', headers: withFields('Connection', 'keep-alive') }).isLast).toBe(
      true,
    );
    expect(accepted({ headers: withFields('Connection', 'x, Close') }).isLast).toBe(true);
    expect(accepted({ headers: withFields('Connection', 'closed') }).isLast).toBe(false);
  });

  it('duty 41: refuses a missing, repeated or invalid Host', () => {
    expect(codeOf({ headers: [] })).toBe('BAD_REQUEST');
    expect(codeOf({ headers: ['Host', 'a', 'host', 'a'] })).toBe('BAD_REQUEST');
    for (const host of ['', 'a b', 'a,b', 'u@a', 'a:b', 'a/b']) {
      expect(codeOf({ headers: ['Host', host] })).toBe('BAD_REQUEST');
    }
  });

  it('duty 41: an HTTP/1.0 request may have no Host', () => {
    expect(accepted({ httpVersion: '1.0', headers: [] }).authority).toBe('');
  });

  it('duty 42: the authority of an absolute-form target takes the place of Host', () => {
    expect(accepted({ target: 'http://B.example:80/x?y' })).toMatchObject({
      target: '/x?y',
      authority: 'b.example:80',
    });
    expect(accepted({ target: 'HTTP://b' })).toMatchObject({ target: '/', authority: 'b' });
    expect(accepted({ target: 'http://b?x' })).toMatchObject({ target: '/?x', authority: 'b' });
    expect(codeOf({ target: 'http://b/', headers: ['Host', 'a b'] })).toBe('BAD_REQUEST');
    for (const target of ['http://', 'http:///x', 'http://u@b/', 'http://b:x/', 'http://b\\c/']) {
      expect(codeOf({ target })).toBe('BAD_REQUEST');
    }
  });

  it('duty 43: refuses a target of another scheme', () => {
    for (const target of ['https://a.example/', 'ftp://a.example/']) {
      expect(codeOf({ target })).toBe('MISDIRECTED_REQUEST');
    }
  });

  it('duty 44: `*` and an absolute target without path belong to OPTIONS', () => {
    expect(accepted({ method: 'OPTIONS', target: '*' }).target).toBe('*');
    expect(accepted({ method: 'OPTIONS', target: 'http://b' }).target).toBe('*');
    expect(codeOf({ target: '*' })).toBe('BAD_REQUEST');
  });

  it('duty 45: refuses CONNECT and TRACE', () => {
    expect(codeOf({ method: 'CONNECT', target: 'a:80' })).toBe('METHOD_NOT_IMPLEMENTED');
    expect(codeOf({ method: 'TRACE' })).toBe('METHOD_NOT_IMPLEMENTED');
  });

  it('duty 46: methods are tokens, known ones, in their own case', () => {
    for (const method of ['', 'G T', 'G@T', 'GÉT']) expect(codeOf({ method })).toBe('BAD_REQUEST');
    for (const method of ['FOO', 'get', 'Get']) expect(codeOf({ method })).toBe('METHOD_NOT_IMPLEMENTED');
    for (const method of ['PUT', 'PROPFIND', 'PATCH']) expect(codeOf({ method })).toBeNull();
  });

  it('duty 47: refuses other versions', () => {
    for (const httpVersion of ['2.0', '0.9', '1.2', '3.0']) {
      expect(codeOf({ httpVersion })).toBe('HTTP_VERSION_NOT_SUPPORTED');
    }
  });

  it('duty 48: refuses spaces, controls, fragments and octets outside ASCII in a target', () => {
    for (const target of ['/a b', '/a\tb', '/a\0', '/a\x7f', '/a#b', '/é', '/a?b#c', 'abc', '?a', '']) {
      expect(codeOf({ target })).toBe('BAD_REQUEST');
    }
  });

  it('duty 53: refuses what is over the limits, and nothing at them', () => {
    expect(codeOf({ target: `/${'a'.repeat(99)}` })).toBeNull();
    expect(codeOf({ target: `/${'a'.repeat(100)}` })).toBe('URI_TOO_LONG');
    const fields = (count: number) => withFields(...Array.from({ length: count }, () => ['X', '1']).flat());
    expect(codeOf({ headers: fields(9) })).toBeNull();
    expect(codeOf({ headers: fields(10) })).toBe('HEADERS_TOO_LARGE');
    // "Host", "a.example" and "X" with four octets a line leave 1000 - 17 - 5.
    expect(codeOf({ headers: withFields('X', 'a'.repeat(978)) })).toBeNull();
    expect(codeOf({ headers: withFields('X', 'a'.repeat(979)) })).toBe('HEADERS_TOO_LARGE');
    expect(codeOf({ method: 'POST', headers: withFields('Content-Length', '50') })).toBeNull();
    expect(codeOf({ method: 'POST', headers: withFields('Content-Length', '51') })).toBe('BODY_TOO_LARGE');
  });

  it('is not confused by fields named like properties of objects', () => {
    const headers = withFields('__proto__', 'x', 'constructor', 'y', 'hasOwnProperty', 'z');
    expect(accepted({ headers }).headers).toEqual(headers);
  });
});
