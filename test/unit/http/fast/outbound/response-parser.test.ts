import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResponseParser } from '../../../../../src/http/fast/outbound/response-parser.ts';
import { UpstreamError } from '../../../../../src/http/message.ts';
import { rawAnswers, split } from '../../../../composition/fast-outbound/raw-answers.ts';

interface Events {
  /** Heads and interim responses in order, as JSON. */
  heads: string[];
  body: string;
  complete: boolean;
  keep: boolean;
  endsWithConnection: boolean;
  trailers: string[];
  /** Bytes behind the response. */
  behind: string;
  error: string | null;
}

/** What a parser tells of the pieces; `hold`: each piece of the body is held back once. */
function parse(pieces: readonly Buffer[], { toHead = false, hold = false } = {}): Events {
  const parser = new ResponseParser();
  const heads: string[] = [];
  const chunks: Buffer[] = [];
  parser.begin(
    {
      onInterim: (...told) => void heads.push(JSON.stringify(told)),
      onHead: (...told) => void heads.push(JSON.stringify(told)),
      onData: (chunk) => {
        expect(chunk.length).toBeGreaterThan(0);
        chunks.push(Buffer.from(chunk));
        return !hold;
      },
    },
    toHead,
  );
  let error: string | null = null;
  let behind = '';
  try {
    for (const piece of pieces) {
      let rest = piece.subarray(parser.execute(piece));
      while (parser.held) rest = rest.subarray(parser.execute(rest));
      expect(rest.length === 0 || parser.complete).toBe(true);
      behind += rest.toString('latin1');
    }
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(UpstreamError);
    expect((thrown as UpstreamError).kind).toBe('protocol');
    error = (thrown as UpstreamError).message;
  }
  const { complete, keep, endsWithConnection, trailers } = parser;
  const body = Buffer.concat(chunks).toString('latin1');
  return { heads, body, complete, keep, endsWithConnection, trailers, behind, error };
}

const answerOf = (text: string) => parse([Buffer.from(text, 'latin1')]);

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('a response', () => {
  it('is told the same however its bytes are cut, and however often it is held back', () => {
    fc.assert(
      fc.property(rawAnswers, fc.array(fc.nat(), { maxLength: 12 }), (answer, cuts) => {
        const bytes = Buffer.concat(answer.pieces);
        const toHead = answer.method === 'HEAD';
        const whole = parse([bytes], { toHead });
        expect(parse(split(bytes, cuts), { toHead })).toEqual(whole);
        expect(
          parse(
            [...bytes].map((byte) => Buffer.from([byte])),
            { toHead },
          ),
        ).toEqual(whole);
        expect(parse(split(bytes, cuts), { toHead, hold: true })).toEqual(whole);
      }),
      { numRuns: 400 },
    );
  });

  it('keeps a head that came in pieces apart from buffers that are used again', () => {
    const parser = new ResponseParser();
    const heads: unknown[] = [];
    parser.begin(
      { onInterim: () => {}, onHead: (...told) => void heads.push(told), onData: () => true },
      false,
    );
    const shared = Buffer.alloc(64);
    const head = 'HTTP/1.1 200 OK\r\nX-A: 1234567890\r\nContent-Length: 0\r\n\r\n';
    for (let at = 0; at < head.length; at += 7) {
      const length = shared.write(head.slice(at, at + 7), 'latin1');
      parser.execute(shared.subarray(0, length));
    }
    expect(heads).toEqual([[200, 'OK', ['X-A', '1234567890', 'Content-Length', '0']]]);
  });

  it('tells nobody any more once it is stopped, not even of the same bytes', () => {
    const parser = new ResponseParser();
    const chunks: string[] = [];
    const onData = (chunk: Buffer) => {
      chunks.push(chunk.toString());
      parser.stop();
      return true;
    };
    parser.begin({ onInterim: () => {}, onHead: () => {}, onData }, false);
    const bytes = Buffer.from(`${CHUNKED}2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n`);
    parser.execute(bytes);
    expect(chunks).toEqual(['ab']);
    expect(parser.execute(bytes)).toBe(0);
  });

  it('begins anew with each request', () => {
    const parser = new ResponseParser();
    const heads: unknown[] = [];
    const sink = {
      onInterim: () => {},
      onHead: (...told: unknown[]) => void heads.push(told),
      onData: () => true,
    };
    for (let nth = 0; nth < 2; nth++) {
      parser.begin(sink, false);
      expect(parser.started).toBe(false);
      parser.execute(
        Buffer.from(
          `HTTP/1.1 20${nth} OK\r\nX-A: ${nth}\r\n${nth === 0 ? 'Connection: close\r\n' : ''}Content-Length: 0\r\n\r\n`,
        ),
      );
      expect([parser.complete, parser.keep, parser.started]).toEqual([true, nth === 1, true]);
    }
    expect(heads).toEqual([
      [200, 'OK', ['X-A', '0', 'Content-Length', '0']],
      [201, 'OK', ['X-A', '1', 'Content-Length', '0']],
    ]);
  });
});

describe('a chunk', () => {
  it.each(['x\n', '\n\n', '\r\r', '\rx', 'xx', '\n'])('that ends in %j is refused', (end) => {
    expect(answerOf(`${CHUNKED}2\r\nok${end}0\r\n\r\n`)).toMatchObject({
      body: 'ok',
      complete: false,
      error: expect.any(String),
    });
  });

  it.each([
    '2;a\n',
    '2\n',
    '2 \r\n',
    '2;a\x7f=b\r\n',
    '2;a="\n"\r\n',
    '2;a="b"c\r\n',
    '2;\0\r\n',
    '\r\n',
    ';a\r\n',
  ])('whose size line is %j is refused', (line) => {
    expect(answerOf(`${CHUNKED}${line}ok\r\n0\r\n\r\n`)).toMatchObject({
      body: '',
      error: expect.any(String),
    });
  });

  it.each(['2;a', '2;a=b;c="d\\"e\t"', '002;=', '2;;a'])('whose size line is %j is taken', (line) => {
    expect(answerOf(`${CHUNKED}${line}\r\nok\r\n0\r\n\r\n`)).toMatchObject({ body: 'ok', complete: true });
  });
});

describe('what is too large', () => {
  it('a head of more than 64 KiB is refused, one of less is not', () => {
    const head = (length: number) =>
      `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(length - 43)}\r\nContent-Length: 0\r\n\r\n`;
    expect(head(64 * 1024 - 1).length).toBe(64 * 1024 - 1);
    for (const pieces of [1, 1_000]) {
      const cut = (text: string) =>
        split(
          Buffer.from(text),
          Array.from({ length: pieces - 1 }, (_, nth) => nth * 60),
        );
      expect(parse(cut(head(64 * 1024 - 1))).complete).toBe(true);
      expect(parse(cut(head(64 * 1024 + 1))).error).toMatch(/65536 bytes/);
    }
  });

  it.each(['Connection', 'Proxy-Connection', 'Keep-Alive', 'Transfer-Encoding', 'X'])(
    'a head of 64 KiB with nothing but blanks within its %s takes no second: an upstream must not stop a thread',
    (name) => {
      for (const blanks of [' '.repeat(60_000), ', '.repeat(30_000), ' \t,'.repeat(20_000)]) {
        const began = performance.now();
        answerOf(`HTTP/1.0 200 OK\r\nContent-Length: 0\r\n${name}: a${blanks}b\r\n\r\n`);
        expect(performance.now() - began).toBeLessThan(1_000);
      }
    },
  );

  it('512 fields are taken, 513 are not, in a head as in trailers', () => {
    const fields = (count: number) => 'A: b\r\n'.repeat(count);
    expect(answerOf(`HTTP/1.1 204 No\r\n${fields(512)}\r\n`).complete).toBe(true);
    expect(answerOf(`HTTP/1.1 204 No\r\n${fields(513)}\r\n`).error).toMatch(/512 fields/);
    expect(answerOf(`${CHUNKED}0\r\n${fields(512)}\r\n`).trailers).toHaveLength(1_024);
    expect(answerOf(`${CHUNKED}0\r\n${fields(513)}\r\n`).error).toMatch(/512 fields/);
  });

  it('a size line of more than 4 KiB is refused, of leading zeros as of extensions', () => {
    expect(answerOf(`${CHUNKED}0;${'a'.repeat(4_000)}\r\n\r\n`).complete).toBe(true);
    expect(answerOf(`${CHUNKED}0;${'a'.repeat(4_100)}\r\n\r\n`).error).toMatch(/too long/);
    expect(answerOf(`${CHUNKED}${'0'.repeat(4_100)}\r\n\r\n`).error).toMatch(/too long/);
  });

  it('a chunk that no number counts exactly is refused', () => {
    expect(answerOf(`${CHUNKED}1fffffffffffff\r\n`).error).toBeNull();
    expect(answerOf(`${CHUNKED}20000000000000\r\n`).error).toMatch(/too large/);
  });
});

describe('where undici is more generous, as no upstream needs it', () => {
  it.each([
    ['line ends before a response', '\r\nHTTP/1.1 204 No\r\n\r\n'],
    ['HTTP/2.0', 'HTTP/2.0 204 No\r\n\r\n'],
    ['HTTP/0.9', 'HTTP/0.9 204 No\r\n\r\n'],
    ['HTTP/1.2', 'HTTP/1.2 204 No\r\n\r\n'],
  ])('%s: protocol error', (_, text) => {
    expect(answerOf(text)).toMatchObject({ heads: [], error: expect.any(String) });
  });

  it('line ends behind a response count as bytes that nobody has asked for', () => {
    expect(answerOf('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\r\n').behind).toBe('\r\n');
  });
});
