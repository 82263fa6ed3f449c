import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ScannedHead, scanHead } from '../../../../../src/http/fast/inbound/scan-head.ts';

const HOST = 'Host: a.example\r\n';

function scan(text: string): ScannedHead | 'partial' | 'doubt' {
  return scanHead(Buffer.from(text, 'latin1'));
}

function withLine(line: string): string {
  return `GET / HTTP/1.1\r\n${HOST}${line}\r\n\r\n`;
}

describe('a head beyond doubt', () => {
  it('is taken apart, with what stands behind it left alone', () => {
    const head =
      'POST /a?b=%20c HTTP/1.1\r\nhost:b:80\r\nX-Tab: \ta\tb \t\r\nX:\r\nContent-Length: 5\r\n\r\n';
    expect(scan(`${head}hello`)).toEqual({
      method: 'POST',
      target: '/a?b=%20c',
      headers: ['host', 'b:80', 'X-Tab', 'a\tb', 'X', '', 'Content-Length', '5'],
      host: 'b:80',
      bodyLength: 5,
      closes: false,
      fieldBytes: 'hostb:80'.length + 'X-Taba\tb'.length + 'X'.length + 'Content-Length5'.length + 4 * 4,
      length: head.length,
    });
  });

  it.each(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'])(
    'has a usual method: %s',
    (method) => {
      expect(scan(`${method} / HTTP/1.1\r\n${HOST}\r\n`)).toMatchObject({ method, target: '/' });
    },
  );

  it.each(['close', 'Close', 'keep-alive', 'Keep-Alive'])('may say Connection: %s', (option) => {
    const closes = option.toLowerCase() === 'close';
    expect(scan(withLine(`Connection: ${option}`))).toMatchObject({ method: 'GET', closes });
  });

  it('may have as many fields as there is room for, and is in doubt with one more', () => {
    const lines = (count: number) => `GET / HTTP/1.1\r\n${HOST}${'X: y\r\n'.repeat(count - 1)}\r\n`;
    expect((scan(lines(128)) as ScannedHead).headers.length).toBe(256);
    expect(scan(lines(129))).toBe('doubt');
  });

  it('is partial in every one of its beginnings', () => {
    const text = `DELETE /a HTTP/1.1\r\n${HOST}Accept: */* \r\n\r\n`;
    for (let length = 1; length < text.length; length++) expect(scan(text.slice(0, length))).toBe('partial');
    expect(scan(text)).toMatchObject({ length: text.length });
  });
});

describe('a head in doubt', () => {
  it.each([
    ['an empty line before it', `\r\nGET / HTTP/1.1\r\n${HOST}\r\n`],
    ['a rare method', `PROPFIND / HTTP/1.1\r\n${HOST}\r\n`],
    ['CONNECT', `CONNECT a:80 HTTP/1.1\r\n${HOST}\r\n`],
    ['a method in lower case', `get / HTTP/1.1\r\n${HOST}\r\n`],
    ['a longer method', `GETX / HTTP/1.1\r\n${HOST}\r\n`],
    ['two spaces', `GET  / HTTP/1.1\r\n${HOST}\r\n`],
    ['a tab behind the method', `GET\t/ HTTP/1.1\r\n${HOST}\r\n`],
    ['an absolute target', `GET http://a/ HTTP/1.1\r\n${HOST}\r\n`],
    ['the target *', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`],
    ['no target', `GET HTTP/1.1\r\n${HOST}\r\n`],
    ['a fragment', `GET /a#b HTTP/1.1\r\n${HOST}\r\n`],
    ['a space in the target', `GET /a b HTTP/1.1\r\n${HOST}\r\n`],
    ['DEL in the target', `GET /\x7f HTTP/1.1\r\n${HOST}\r\n`],
    ['NUL in the target', `GET /\0 HTTP/1.1\r\n${HOST}\r\n`],
    ['an octet outside ASCII in the target', `GET /\xe9 HTTP/1.1\r\n${HOST}\r\n`],
    ['HTTP/1.0', `GET / HTTP/1.0\r\n${HOST}\r\n`],
    ['HTTP/0.9', 'GET /\r\n'],
    ['HTTP/2.0', `GET / HTTP/2.0\r\n${HOST}\r\n`],
    ['a version in lower case', `GET / http/1.1\r\n${HOST}\r\n`],
    ['a space behind the version', `GET / HTTP/1.1 \r\n${HOST}\r\n`],
    ['LF behind the request line', `GET / HTTP/1.1\n${HOST}\r\n`],
    ['CR behind the request line', `GET / HTTP/1.1\r${HOST}\r\n`],
    ['a space before the first field', `GET / HTTP/1.1\r\n ${HOST}\r\n`],
    ['a folded line', withLine('X: a\r\n b')],
    ['a space before the colon', withLine('X : a')],
    ['an empty name', withLine(': a')],
    ['no colon', withLine('X')],
    ['a name with an octet outside ASCII', withLine('X\xe9: a')],
    ['a value with an octet outside ASCII', withLine('X: \xe9')],
    ['a value with a control character', withLine('X: a\x01')],
    ['a value with NUL', withLine('X: a\0')],
    ['a value with DEL', withLine('X: \x7f')],
    ['CR in a value', withLine('X: a\rb')],
    ['LF in a value', withLine('X: a\nY: b')],
    ['LF at the end of a line', `GET / HTTP/1.1\r\n${HOST}X: a\n\r\n`],
    ['LF at the end of the head', `GET / HTTP/1.1\r\n${HOST}\n`],
    ['CR at the end of the head', `GET / HTTP/1.1\r\n${HOST}\rX`],
    ['Transfer-Encoding', withLine('transfer-encoding: chunked')],
    ['Expect', withLine('Expect: 100-continue')],
    ['Upgrade', withLine('UPGRADE: websocket')],
    ['TE', withLine('te: trailers')],
    ['Trailer', withLine('Trailer: X')],
    ['HTTP2-Settings', withLine('HTTP2-Settings: x')],
    ['Proxy-Authorization', withLine('proxy-authorization: x')],
    ['Proxy-Connection', withLine('Proxy-Connection: close')],
    ['a short Proxy field', withLine('proxy-a: x')],
    ['Connection: upgrade', withLine('Connection: upgrade')],
    ['Connection with two members', withLine('Connection: keep-alive, close')],
    ['an empty Connection', withLine('Connection:')],
    ['two Connection fields', withLine('Connection: close\r\nConnection: close')],
    ['an empty Content-Length', withLine('Content-Length:')],
    ['a signed Content-Length', withLine('Content-Length: +5')],
    ['a list in Content-Length', withLine('Content-Length: 5, 5')],
    ['a space behind Content-Length', withLine('Content-Length: 5 ')],
  ])('has %s', (_, text) => {
    expect(scan(text)).toBe('doubt');
  });

  it('begins with a byte that no method begins with', () => {
    for (const text of ['\x16', '\r', ' ', '\0', 'X']) expect(scan(text)).toBe('doubt');
  });

  it('is known at the first byte that cannot be right', () => {
    for (const text of ['GETX', 'GET x', 'GET /\0', 'GET / HTTP/2', 'GET / HTTP/1.1\r\nX ', 'PA\n']) {
      expect(scan(text.slice(0, -1))).toBe('partial');
      expect(scan(text)).toBe('doubt');
    }
  });
});

describe('any bytes', () => {
  it('are never read beyond a head, and a longer piece never changes what was found in a shorter one', () => {
    const piece = fc.oneof(
      fc.constantFrom('GET', ' ', '/', 'HTTP/1.1', '\r\n', 'Host', ':', 'a', 'Connection: close\r\n'),
      fc.string({ unit: 'binary-ascii', maxLength: 2 }),
    );
    const start = fc.constantFrom('', 'GET / HTTP/1.1\r\n', `POST /a HTTP/1.1\r\n${HOST}`);
    fc.assert(
      fc.property(
        start,
        fc.array(piece, { maxLength: 12 }),
        fc.string({ unit: 'binary' }),
        (head, pieces, more) => {
          const text = head + pieces.join('');
          const found = text === '' ? 'partial' : scan(text);
          if (found === 'partial') return;
          expect(scan(text + more)).toEqual(found);
          if (found === 'doubt') return;
          expect(text.slice(found.length - 4, found.length)).toBe('\r\n\r\n');
          expect(text.indexOf('\r\n\r\n')).toBe(found.length - 4);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
