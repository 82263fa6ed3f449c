import fc from 'fast-check';

/** Targets that the recording handler answers each in its own way; the others it answers plainly. */
const TARGETS = ['/', '/later', '/held', '/chunked', '/hints', '/empty', '/cut', '/a/b?c=d&e', '/%2e%2e//;x'];
const UNREAD_TARGETS = ['/unread', '/discarded', '/early'];
const ODD_TARGETS = ['*', 'http://b:8080/x?y', '/a#b', '/\xe9', '/a b', 'x', '', `/${'t'.repeat(300)}`];

const METHODS = ['GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];
const ODD_METHODS = ['CONNECT', 'TRACE', 'PROPFIND', 'M-SEARCH', 'get', 'GETX', 'SOURCE', 'PRI', 'G'];

const LINES = [
  'Accept: */*',
  'X-Tab:\ta\tb \t',
  'X-Empty:',
  'X-Blank: \t ',
  'accept-encoding: gzip, br',
  'Cookie: a=1; b="2"',
  'COOKIE: c=3',
  '__proto__: 1',
  'Keep-Alive: timeout=5',
  "!#$%&'*+-.^_`|~9: x",
  `X-Long: ${'v'.repeat(200)}`,
  'Connection: keep-alive',
  'connection: Keep-Alive',
];
const ODD_LINES = [
  'Connection: close',
  'Connection:CLOSE ',
  'Connection: close, x',
  'Connection: upgrade',
  'Connection:',
  'Connection: keep-alive\r\nConnection: close',
  'Upgrade: h2c',
  'Upgrade: websocket',
  'Expect: 100-continue',
  'Expect: x',
  'TE: trailers',
  'Trailer: X',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip',
  'Content-Length: 3',
  'Content-Length: 0',
  'Content-Length: +3',
  'Content-Length:',
  'Content-Length: 3\t',
  'Content-Length: 99999999999999999999',
  'Proxy-Connection: close',
  'Proxy-Authorization: x',
  'HTTP2-Settings: x',
  'Host: b',
  'X-Obs: \xe9',
  'X-Control: \x01',
  'X-Null: a\0b',
  'X Y: z',
  'X : z',
  ': z',
  'X',
  ' folded',
  'X: a\rb',
  'X: a\nY: b',
];
const HOSTS = ['Host: a.example', 'host:a', 'HOST: \tb:80 ', 'Host: [::1]:8080'];
const ODD_HOSTS = ['', 'Host:', 'Host: u@a', 'Host: a, b', 'Host: \xe9'];
const VERSIONS = ['HTTP/1.0', 'HTTP/2.0', 'HTTP/1.2', 'http/1.1', 'HTTP/1.1 ', 'RTSP/1.0', 'HTTP/0.9'];
const BODIES = [
  '',
  'a',
  '{"a":1}',
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  '\r\n\r\n',
  '\0\xff',
  'b'.repeat(700),
];

/** The full lane looks at 4 KiB at a time. */
const ONE_LOOK = 4_000;

/** Things that change what the bytes around them mean. */
const FRAGMENTS = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  '#',
  '\x7f',
  '\xff',
  '\r\n\r\n',
  'HTTP/1.1',
  'Content-Length: 2\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Upgrade: x\r\n',
  'Connection: close\r\n',
  '0\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'a'.repeat(9_000),
  'X: y\r\n'.repeat(130),
];

/** Mostly one of the usual, now and then one of the odd. */
function mostly<T>(usual: readonly T[], odd: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...usual), weight: 60 },
    { arbitrary: fc.constantFrom(...odd), weight: 1 },
  );
}

const request = fc
  .record({
    method: mostly(METHODS, ODD_METHODS),
    target: mostly([...TARGETS, ...UNREAD_TARGETS], ODD_TARGETS),
    version: mostly(['HTTP/1.1'], VERSIONS),
    host: mostly(HOSTS, ODD_HOSTS),
    lines: fc.array(mostly(LINES, ODD_LINES), { maxLength: 6 }),
    body: fc.constantFrom(...BODIES),
    framing: mostly(['none', 'none', 'length', 'length'], ['chunked', 'long', 'short']),
  })
  .map(({ method, target, version, host, lines, body, framing }) => {
    const length = { length: body.length, long: body.length + 9, short: body.length >> 1 }[framing] ?? null;
    const fields = [host, ...lines];
    if (length !== null) fields.push(`Content-Length: ${length}`);
    if (framing === 'chunked') fields.push('Transfer-Encoding: chunked');
    const chunks = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`;
    const content = framing === 'chunked' ? `${chunks}0\r\n\r\n` : framing === 'none' ? '' : body;
    return `${method} ${target} ${version}\r\n${fields.map((line) => `${line}\r\n`).join('')}\r\n${content}`;
  });

const edit = fc.record({
  at: fc.nat(),
  cut: fc.nat({ max: 12 }),
  put: fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ unit: 'binary-ascii', maxLength: 3 })),
});

/** What a client sends in one go, and then more: several requests, changed here and there, cut anywhere. */
export const requestStream: fc.Arbitrary<Buffer[]> = fc
  .record({
    requests: fc.array(request, { minLength: 1, maxLength: 6 }),
    edits: fc.oneof(
      { arbitrary: fc.constant([]), weight: 2 },
      { arbitrary: fc.array(edit, { maxLength: 3 }), weight: 1 },
    ),
    cuts: fc.array(fc.nat(), { maxLength: 4 }),
  })
  .map(({ requests, edits, cuts }) => {
    let text = requests.join('');
    for (const { at, cut, put } of edits) {
      const place = at % (text.length + 1);
      text = text.slice(0, place) + put + text.slice(place + cut);
    }
    // It depends on the sender's luck whether a body that nobody reads has come with its head, and the connection can be
    // kept.
    if (text.length > ONE_LOOK) for (const target of UNREAD_TARGETS) text = text.replaceAll(target, '/read');
    // It does not find every RTSP behind a body either (see recorder.ts).
    const bytes = Buffer.from(text, 'latin1');
    return split(needsLuck([bytes]) ? Buffer.from(text.replaceAll('RTSP/', 'HTTP/'), 'latin1') : bytes, cuts);
  });

/** True unless no request in it can have a body, and it can be looked at as a whole. */
export function needsLuck(pieces: readonly Buffer[]): boolean {
  const text = Buffer.concat(pieces).toString('latin1');
  return text.length > ONE_LOOK || /content-length|transfer-encoding/i.test(text);
}

export function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places]
    .map((from, nth) => bytes.subarray(from, places[nth] ?? bytes.length))
    .filter((piece) => piece.length > 0);
}
