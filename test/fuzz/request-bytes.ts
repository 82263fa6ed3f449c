import fc from 'fast-check';

const METHODS = ['GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];
const ODD_METHODS = [
  'CONNECT',
  'TRACE',
  'PROPFIND',
  'M-SEARCH',
  'get',
  'GETX',
  'SOURCE',
  'PRI',
  'G',
  '',
  'QUERY',
];

const TARGETS = ['/', '/a', '/a/b?c=d&e=%20', '/?', "/!$&'()*+,=:@~._-", '/%e9?/../;', '/b'];
const ODD_TARGETS = [
  '//',
  '/%2e%2e/x',
  '/a%2fb',
  '/a;b=c',
  '*',
  'http://b:8080/x?y',
  'HTTP://a',
  'https://u@a/',
  'a:80',
  '/a#b',
  '/a\x7f',
  '/\xe9',
  '/a b',
  '/a\tb',
  '/a\\b',
  '/%00',
  '/%zz',
  '/../..',
  'x',
  '',
  '?',
  `/${'t'.repeat(300)}`,
  `/${'t'.repeat(2_100)}`,
];
const VERSIONS = [
  'HTTP/1.0',
  'HTTP/2.0',
  'HTTP/1.2',
  'HTTP/0.9',
  'http/1.1',
  'HTTP/1.1 ',
  'HTTP/1.11',
  'RTSP/1.0',
  'ICE/1.0',
  '',
];

const HOSTS = ['Host: a.example', 'host:a', 'HOST: \tb:80 ', 'Host: [::1]:8080'];
const ODD_HOSTS = [
  '',
  'Host:',
  'Host: u@a',
  'Host: a, b',
  'Host: \xe9',
  'Host: a\r\nHost: a',
  'Host : a',
  'Host: a/b',
  'X-Host: a',
];

const LINES = [
  'Accept: */*',
  'X-Tab:\ta\tb \t',
  'X-Empty:',
  'X-Blank: \t ',
  'accept-encoding: gzip, br',
  'Cookie: a=1; b="2"',
  'COOKIE: c=3',
  '__proto__: 1',
  'constructor: 2',
  'X_Under: 1',
  'X-Forwarded-For: 192.0.2.1',
  'X-Request-Id: known',
  'Keep-Alive: timeout=5',
  'Date: x',
  'User-Agent: fuzz/1 (a; b)',
  "!#$%&'*+-.^_`|~9: x",
  `X-Long: ${'v'.repeat(200)}`,
  'Connection: keep-alive',
  'connection: Keep-Alive',
];
const ODD_LINES = [
  'Connection: close',
  'Connection:CLOSE ',
  'Connection: close, x',
  'Connection: x-empty, accept',
  'Connection: host, content-length',
  'Connection: transfer-encoding',
  'Connection: upgrade',
  'Connection: te',
  'Connection:',
  'Connection: keep-alive\r\nConnection: close',
  'Upgrade: h2c',
  'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk',
  'Upgrade: websocket',
  'Expect: 100-continue',
  'Expect: x',
  'TE: trailers',
  'TE: chunked, gzip;q=1',
  'Trailer: X',
  'Proxy-Connection: close',
  'Proxy-Authorization: x',
  'HTTP2-Settings: x',
  'Host: b',
  'Via: 1.1 a',
  'Max-Forwards: 0',
  'X-Obs: \xe9',
  'X-Control: \x01',
  'X-Del: \x7f',
  'X-Null: a\0b',
  'X Y: z',
  'X : z',
  'X\t: z',
  'X\xe9: z',
  ': z',
  'X',
  ' folded',
  'X: a\r\n folded',
  'X: a\r\n\tfolded',
  'X: a\rb',
  'X: a\nY: b',
  'X: y\r\n'.repeat(60).trimEnd(),
  'X: y\r\n'.repeat(130).trimEnd(),
  `X: ${'y'.repeat(9_000)}`,
];

/** Ways to say how long a body is that two servers might understand differently (RFC 9112 §6.3, §11.2). */
const ODD_FRAMING = [
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding:\x0bchunked',
  'Transfer-Encoding : chunked',
  ' Transfer-Encoding: chunked',
  'Transfer-Encoding\r\n : chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: x',
  'Transfer-Encoding: x\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding:\r\n chunked',
  'Transfer_Encoding: chunked',
  'X: y\nTransfer-Encoding: chunked',
  'Content-Length: 3',
  'Content-Length: 0',
  'Content-Length: 007',
  'Content-Length: +3',
  'Content-Length: -1',
  'Content-Length: 0x3',
  'Content-Length: 3, 3',
  'Content-Length: 3, 4',
  'Content-Length: 1_0',
  'Content-Length: 3 3',
  'Content-Length:',
  'Content-Length: 3\t',
  'Content-Length: 3 ',
  'Content-Length : 3',
  'Content-Length: 3\r\nContent-Length: 3',
  'Content-Length: 3\r\nContent-Length: 4',
  'Content-Length: 9007199254740993',
  'Content-Length: 18446744073709551616',
  'Content-Length: 99999999999999999999',
  'Content_Length: 3',
];

const BODIES = [
  '',
  'a',
  '{"a":1}',
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n',
  '\r\n\r\n',
  '\0\xff',
  'b'.repeat(700),
];

/** Chunked bodies, good ones first. */
const CHUNKED = [
  '0\r\n\r\n',
  '5\r\nhello\r\n0\r\n\r\n',
  '00005\r\nhello\r\n00\r\n\r\n',
  'a\r\n0123456789\r\nA\r\nabcdefghij\r\n0\r\n\r\n',
  '5\r\nhello\r\n0\r\nX-T: 1\r\nX-U:2\r\n\r\n',
];
const ODD_CHUNKED = [
  '5;a=b\r\nhello\r\n0\r\n\r\n',
  '5;a="b\\"c"\r\nhello\r\n0;x\r\n\r\n',
  '5 ;a\r\nhello\r\n0\r\n\r\n',
  '5;\r\nhello\r\n0\r\n\r\n',
  '5;a\nb\r\nhello\r\n0\r\n\r\n',
  '5 \r\nhello\r\n0\r\n\r\n',
  '5\nhello\n0\n\n',
  '5\rhello\r\n0\r\n\r\n',
  '5\r\nhello0\r\n\r\n',
  '5\r\nhello\n0\r\n\r\n',
  '5\r\nhello \n0\r\n\r\n',
  '5\r\nhello\r\r0\r\n\r\n',
  '5\r\nhell\r\n0\r\n\r\n',
  '5\r\nhelloo\r\n0\r\n\r\n',
  '0x5\r\nhello\r\n0\r\n\r\n',
  '+5\r\nhello\r\n0\r\n\r\n',
  '-5\r\nhello\r\n0\r\n\r\n',
  '\r\nhello\r\n0\r\n\r\n',
  'g\r\nhello\r\n0\r\n\r\n',
  'ffffffffffffffff\r\nhello\r\n0\r\n\r\n',
  '10000000000000005\r\nhello\r\n0\r\n\r\n',
  '5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\nabc',
  '5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  '5\r\nhello\r\n0\r\nX : 1\r\n\r\n',
  '5\r\nhello\r\n0\r\n folded\r\n\r\n',
  '5\r\nhello\r\n0\r\n',
  '5\r\nhello\r\n',
  `5;${'e'.repeat(17_000)}\r\nhello\r\n0\r\n\r\n`,
];

/** Whole attacks, and other ways to begin that are no request of HTTP/1.1. */
const CLASSICS = [
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\nZ\r\n0\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n\r\n1\r\nZ\r\n0\r\n\r\n',
  'GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\nGET /smuggled HTTP/1.1\r\nX: y',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
  'GET /\r\n',
  'GET / HTTP/1.1\nHost: a\n\n',
  '\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET / HTTP/1.1\r\n Host: a\r\n\r\n',
  'GET  / HTTP/1.1\r\nHost: a\r\n\r\n',
  ' GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
];

/** Mostly one of the usual, now and then one of the odd. */
function mostly<T>(usual: readonly T[], odd: readonly T[], weight = 40): fc.Arbitrary<T> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...usual), weight },
    { arbitrary: fc.constantFrom(...odd), weight: 1 },
  );
}

type Framing = 'none' | 'length' | 'chunked' | 'long' | 'short' | 'odd';

const request = fc
  .record({
    method: mostly(METHODS, ODD_METHODS),
    target: mostly(TARGETS, ODD_TARGETS),
    version: mostly(['HTTP/1.1'], VERSIONS),
    host: mostly(HOSTS, ODD_HOSTS),
    lines: fc.array(mostly(LINES, ODD_LINES), { maxLength: 5 }),
    body: fc.constantFrom(...BODIES),
    chunks: mostly(CHUNKED, ODD_CHUNKED, 3),
    framing: mostly<Framing>(
      ['none', 'none', 'length', 'length'],
      ['chunked', 'chunked', 'long', 'short', 'odd', 'odd'],
      8,
    ),
    odd: fc.array(fc.constantFrom(...ODD_FRAMING), { minLength: 1, maxLength: 2 }),
    place: fc.nat({ max: 5 }),
  })
  .map(({ method, target, version, host, lines, body, chunks, framing, odd, place }) => {
    const length = { length: body.length, long: body.length + 9, short: body.length >> 1 }[framing as string];
    const framed =
      framing === 'chunked'
        ? ['Transfer-Encoding: chunked']
        : framing === 'odd'
          ? odd
          : length === undefined
            ? []
            : [`Content-Length: ${length}`];
    const fields = [host, ...lines].filter((line) => line !== '');
    fields.splice(place, 0, ...framed);
    const isChunked =
      framing === 'chunked' || (framing === 'odd' && odd.some((line) => /chunked/.test(line)));
    const content = framing === 'none' ? '' : isChunked ? chunks : body;
    return `${method} ${target} ${version}\r\n${fields.map((line) => `${line}\r\n`).join('')}\r\n${content}`;
  });

/** One or several requests of one connection, good and bad, as text with a character for each byte. */
export const requestBytes: fc.Arbitrary<string> = fc
  .array(
    fc.oneof({ arbitrary: request, weight: 20 }, { arbitrary: fc.constantFrom(...CLASSICS), weight: 1 }),
    { minLength: 1, maxLength: 5 },
  )
  .map((requests) => requests.join(''));
