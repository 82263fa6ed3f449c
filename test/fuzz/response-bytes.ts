import fc from 'fast-check';

const STATUS_LINES = [
  'HTTP/1.1 200 OK',
  'HTTP/1.1 404 Not Found',
  'HTTP/1.1 503 ',
  'HTTP/1.1 500',
  'HTTP/1.1 200 caf\xe9',
  'HTTP/1.0 200 OK',
];
const ODD_STATUS_LINES = [
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 304 Not Modified',
  'HTTP/1.1 101 Switching Protocols',
  'HTTP/1.1 100 Continue',
  'HTTP/1.1 999 ?',
  'HTTP/1.1 099 Low',
  'HTTP/1.1 1000 High',
  'HTTP/1.1 20 Short',
  'HTTP/1.1  200 OK',
  'HTTP/1.1\t200 OK',
  'HTTP/2.0 200 OK',
  'HTTP/0.9 200 OK',
  'http/1.1 200 OK',
  'ICY 200 OK',
  'HTTP/1.1 200 O\rK',
  'HTTP/1.1 200 O\0K',
];

const INTERIMS = [
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
  'HTTP/1.1 102 Processing\r\n\r\n',
  'HTTP/1.1 102 Processing\r\nContent-Length: 5\r\n\r\n',
];
const ODD_INTERIMS = [
  'HTTP/1.1 103 Early\r\nConnection: close\r\n\r\n',
  'HTTP/1.0 103 Early\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
  'HTTP/1.1 103 E\r\n\r\n'.repeat(33),
];

const FIELDS = [
  'Content-Type: text/plain',
  'X-A: 1',
  'x-a:2',
  'X-B: \t caf\xe9 \t ',
  'X-Empty:',
  '__proto__: p',
  'Set-Cookie: a=1',
  'set-cookie: b=2',
  'Cache-Control: no-store',
  'Date: Sat, 01 Jan 2028 00:00:00 GMT',
  'Connection: keep-alive',
  'Via: 1.1 b',
  'Trailer: X-T',
];
const ODD_FIELDS = [
  'Connection: close',
  'Connection: Close , X-A',
  'Connection: keep-alive, x-b',
  'Connection: content-length',
  'Connection: transfer-encoding',
  'Keep-Alive: timeout=5, max=100',
  'Keep-Alive: timeout=1',
  'Proxy-Connection: close',
  'Proxy-Authenticate: Basic',
  'Upgrade: h2c',
  'X-Request-Id: upstream',
  'X : 1',
  ' folded',
  'X: a\r\n folded',
  'X',
  ': x',
  'X: a\0b',
  'X: a\nY: b',
  'X: a\rY: b',
  'X: y\r\n'.repeat(600).trimEnd(),
];

const FRAMING = [
  'Content-Length: 5',
  'Content-Length: 5',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked',
];
const ODD_FRAMING = [
  '',
  'Content-Length: 0',
  'Content-Length: 05',
  'Content-Length: 5 ',
  'Content-Length: 5\t',
  'Content-Length: +5',
  'Content-Length: 5, 5',
  'Content-Length: ',
  'Content-Length: 5\r\nContent-Length: 5',
  'Content-Length: 5\r\nContent-Length: 6',
  'Content-Length: 99999999999999999999',
  'Content-Length: 5\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nContent-Length: 5',
  'Transfer-Encoding: Chunked ',
  'Transfer-Encoding: chunked\t',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding:',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding : chunked',
];

const CHUNKED = [
  '5\r\nhello\r\n0\r\n\r\n',
  '05\r\nhello\r\n00\r\nX-T: 1 \r\nx-t: 2\r\n\r\n',
  'A\r\n0123456789\r\na\r\nabcdefghij\r\n0\r\n\r\n',
  '1\r\nh\r\n1\r\ne\r\n3\r\nllo\r\n0\r\n\r\n',
];
const ODD_CHUNKED = [
  '0\r\n\r\n',
  '2;a=b;c\r\nhe\r\n3;q="x;\\"y"\r\nllo\r\n0;e\r\n\r\n',
  '5\r\nhelloo\r\n0\r\n\r\n',
  '5\r\nhello \n0\r\n\r\n',
  '5\r\nhello\r 0\r\n\r\n',
  '5 \r\nhello\r\n0\r\n\r\n',
  '0x5\r\nhello\r\n0\r\n\r\n',
  '-5\r\nhello\r\n0\r\n\r\n',
  '5;\r\nhello\r\n0\r\n\r\n',
  '5; a\r\nhello\r\n0\r\n\r\n',
  '5;a\nb\r\nhello\r\n0\r\n\r\n',
  '5\nhello\n0\n\n',
  '\r\nhello\r\n0\r\n\r\n',
  'fffffffffffff\r\nhello\r\n0\r\n\r\n',
  'fffffffffffffffff\r\nhello\r\n0\r\n\r\n',
  '5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n',
  '5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n',
  '5\r\nhello\r\n0\r\nSet-Cookie: t=1\r\nX-T: a\0\r\n\r\n',
];
const SIZED = ['hello'];
const ODD_SIZED = ['hell', 'hello!', '', 'HTTP/1.1 200 OK\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n'];
const BEHIND = ['', '\r\n', 'x', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'];

function mostly(usual: readonly string[], odd: readonly string[], weight: number): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...usual), weight },
    { arbitrary: fc.constantFrom(...odd), weight: 1 },
  );
}

/** What an upstream sends in answer to one request, good and bad, as text with a character for each byte. */
export const responseBytes: fc.Arbitrary<string> = fc
  .record({
    interims: fc.oneof(
      { weight: 8, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: fc.array(mostly(INTERIMS, ODD_INTERIMS, 6), { maxLength: 2 }) },
    ),
    line: mostly(STATUS_LINES, ODD_STATUS_LINES, 10),
    before: fc.array(mostly(FIELDS, ODD_FIELDS, 15), { maxLength: 3 }),
    framing: mostly(FRAMING, ODD_FRAMING, 8),
    after: fc.array(mostly(FIELDS, ODD_FIELDS, 15), { maxLength: 2 }),
    sized: mostly(SIZED, ODD_SIZED, 8),
    chunked: mostly(CHUNKED, ODD_CHUNKED, 5),
    behind: mostly([''], BEHIND, 10),
  })
  .map(({ interims, line, before, framing, after, sized, chunked, behind }) => {
    const fields = [...before, framing, ...after].filter((field) => field !== '');
    const head = `${[line, ...fields].join('\r\n')}\r\n\r\n`;
    return `${interims.join('')}${head}${/chunked/i.test(framing) ? chunked : sized}${behind}`;
  });
