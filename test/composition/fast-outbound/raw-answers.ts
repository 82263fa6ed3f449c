import fc from 'fast-check';
import type { RawAnswer } from './two-lanes.ts';

const STATUS_LINES = [
  'HTTP/1.1 200 OK',
  'HTTP/1.1 404 Not Found',
  'HTTP/1.1 503 ',
  'HTTP/1.1 500',
  'HTTP/1.0 200 OK',
];

const ANY_STATUS_LINES = [
  ...STATUS_LINES,
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 304 Not Modified',
  'HTTP/1.1 999 ?',
  'HTTP/1.1 099 Low',
  'HTTP/1.1 1000 High',
];

const INTERIMS = [
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
  'HTTP/1.1 102 Processing\r\nContent-Length: 5\r\n\r\n',
];

const ANY_INTERIMS = [
  ...INTERIMS,
  'HTTP/1.1 103 Early\r\nConnection: close\r\n\r\n',
  'HTTP/1.0 103 Early\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
];

const FIELDS = [
  'Content-Type: text/plain',
  'X-A: 1',
  'x-a:2',
  'X-B: \t caf\xe9 \t ',
  'X-Empty:',
  'X-Empty: ',
  '__proto__: p',
  'Set-Cookie: a=1',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: Close , X-A',
  'Connection: keep-alive, x-b',
  'Connection: content-length',
  'Keep-Alive: timeout=5, max=100',
  'Keep-Alive: timeout=1',
  'Proxy-Connection: keep-alive',
  'Proxy-Connection: close',
  'Upgrade: h2c',
  'Trailer: X-T',
  'Date: Sat, 01 Jan 2028 00:00:00 GMT',
];

/** Fields that frame, good ones and bad ones. */
const FRAMING = [
  'Content-Length: 5',
  'Content-Length: 0',
  'Content-Length:5',
  'Content-Length: 05',
  'Content-Length: 5 ',
  'Content-Length: +5',
  'Content-Length: 5, 5',
  'Content-Length: ',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: Chunked',
  'transfer-encoding:chunked ',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding:',
];

const CHUNKED = [
  '5\r\nhello\r\n0\r\n\r\n',
  '05\r\nhello\r\n0\r\nX-T: 1 \r\nx-t: 2\r\n\r\n',
  '2;a=b;c\r\nhe\r\n3;q="x;\\"y"\r\nllo\r\n000\r\n\r\n',
  'A\r\n0123456789\r\na\r\nabcdefghij\r\n0;e\r\nHost: b\r\n\r\n',
  '5\r\nhelloo\r\n0\r\n\r\n',
  '5 \r\nhello\r\n0\r\n\r\n',
  '0x5\r\nhello\r\n0\r\n\r\n',
  '-5\r\nhello\r\n0\r\n\r\n',
  '5;\r\nhello\r\n0\r\n\r\n',
  '5; a\r\nhello\r\n0\r\n\r\n',
  '5\nhello\n0\n\n',
  'fffffffffffffffff\r\nhello\r\n0\r\n\r\n',
  '0\r\nContent-Length: 3\r\n\r\n',
  '0\r\nTransfer-Encoding: chunked\r\n\r\n',
];

const BODIES = ['hello', 'hello', 'hello', 'hell', 'hello!', ''];

const FRAGMENTS = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '"',
  '=',
  '\x7f',
  '\x80',
  '\r\n\r\n',
  '\r\n ',
  'HTTP/1.1 ',
  'HTTP/1.1 200 OK\r\n\r\n',
  '0\r\n\r\n',
  '5\r\n',
  'Content-Length: 3\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
];

const often = <T>(good: readonly T[], any: readonly T[]) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom(...any) },
  );

const message = fc
  .record({
    interims: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(often(INTERIMS, ANY_INTERIMS), { maxLength: 2 }) },
    ),
    line: often(STATUS_LINES, ANY_STATUS_LINES),
    before: fc.array(fc.constantFrom(...FIELDS), { maxLength: 3 }),
    framing: fc.oneof(
      {
        weight: 6,
        arbitrary: often(['Content-Length: 5', 'Transfer-Encoding: chunked'], FRAMING).map((one) => [one]),
      },
      { weight: 1, arbitrary: fc.array(fc.constantFrom(...FRAMING), { maxLength: 2 }) },
    ),
    after: fc.array(fc.constantFrom(...FIELDS), { maxLength: 2 }),
    sized: fc.constantFrom(...BODIES),
    chunked: often(CHUNKED.slice(0, 4), CHUNKED),
    confused: fc.boolean(),
    behind: fc.constantFrom('', '', '', '', '\r\n', 'x', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
  })
  .map(({ interims, line, before, framing, after, sized, chunked, confused, behind }) => {
    const isChunked = framing.some((field) => /^transfer/i.test(field)) !== (confused && sized === 'hell');
    const head = [line, ...before, ...framing, ...after].join('\r\n');
    return `${interims.join('')}${head}\r\n\r\n${isChunked ? chunked : sized}${behind}`;
  });

const edit = fc.record({
  at: fc.nat(),
  cut: fc.oneof(fc.constant(0), fc.nat({ max: 6 })),
  put: fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ unit: 'binary-ascii', maxLength: 2 })),
});

/** Answers as upstreams give them, and as none should: edited, cut short, and sent in pieces of any size. */
export const rawAnswers: fc.Arbitrary<RawAnswer> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST'),
    text: message,
    edits: fc.oneof(
      fc.constant([]),
      fc.array(edit, { minLength: 1, maxLength: 1 }),
      fc.array(edit, { maxLength: 3 }),
    ),
    short: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 60 }) }),
    cuts: fc.oneof(fc.constant([]), fc.array(fc.nat(), { maxLength: 5 })),
    end: fc.constantFrom('fin', 'rst', 'silence', 'silence'),
    held: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  })
  .map(({ method, text, edits, short, cuts, end, held }) => {
    let edited = text;
    for (const { at, cut, put } of edits) {
      const place = at % (edited.length + 1);
      edited = edited.slice(0, place) + put + edited.slice(place + cut);
    }
    const bytes = Buffer.from(edited, 'latin1');
    return {
      method,
      pieces: split(bytes.subarray(0, Math.max(0, bytes.length - short)), cuts),
      end: end as RawAnswer['end'],
      // undici takes the end of a connection for that of an answer which is held back, though all of it has come.
      held: held && end === 'silence',
    };
  });

/** The bytes in pieces, cut at these places, each taken modulo their number. */
export function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, nth) => bytes.subarray(from, places[nth] ?? bytes.length));
}
