import { describe, expect, it } from 'vitest';
import { OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';

/** One GET (or other method) to an upstream that answers with these bytes and keeps the connection open. */
async function ask(answer: string | Buffer, method = 'GET') {
  await using upstream = await RawUpstream.answering(answer);
  await using lane = outboundLane(upstream.url);
  const attempt = await new OutboundAttempt(lane, { method }).done();
  return { attempt, connection: await upstream.connection() };
}

/** The same, and then what becomes of the connection: true when the lane closed it. */
async function askAndSeeClosed(answer: string | Buffer, method = 'GET') {
  await using upstream = await RawUpstream.answering(answer);
  await using lane = outboundLane(upstream.url);
  const attempt = await new OutboundAttempt(lane, { method }).done();
  await (await upstream.connection()).closed();
  return attempt;
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

describe('an answer', () => {
  it('arrives with status, reason, fields in order, body and end', async () => {
    const { attempt } = await ask(
      'HTTP/1.1 201 Made it\r\nX-B: 1\r\nX-a: 2\r\nContent-Length: 5\r\n\r\nhello',
    );
    expect(attempt.head).toEqual({
      status: 201,
      reason: 'Made it',
      headers: ['X-B', '1', 'X-a', '2', 'Content-Length', '5'],
    });
    expect(attempt.body).toBe('hello');
    expect(attempt.calls).toEqual(['head', 'data', 'end']);
  });

  it('keeps octets outside ASCII and drops the whitespace around values', async () => {
    const { attempt } = await ask('HTTP/1.1 200 OK\r\nX-A: \t caf\xe9  \t \r\nContent-Length: 0\r\n\r\n');
    expect(attempt.all('x-a')).toEqual(['caf\xe9']);
  });

  it('keeps a field named like a property of every object', async () => {
    const { attempt } = await ask(
      'HTTP/1.1 200 OK\r\n__proto__: a\r\nconstructor: b\r\nContent-Length: 0\r\n\r\n',
    );
    expect(attempt.head?.headers).toEqual(['__proto__', 'a', 'constructor', 'b', 'Content-Length', '0']);
  });

  it('is passed on undecoded, whatever its content coding', async () => {
    const { attempt } = await ask(
      'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x00',
    );
    expect(attempt.body).toBe('\x1f\x8b\x00');
    expect(attempt.all('content-encoding')).toEqual(['gzip']);
  });
});

describe('duties 1 and 2: fields of one connection', () => {
  it('go no further, nor do those that Connection nominates', async () => {
    const { attempt } = await ask(
      'HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nConnection: x-other\r\nX-Other: 2\r\n' +
        'Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nUpgrade: h2c\r\nTE: trailers\r\n' +
        'X-End: 3\r\nContent-Length: 0\r\n\r\n',
    );
    expect(attempt.head?.headers).toEqual(['X-End', '3', 'Content-Length', '0']);
  });

  it('go no further in an interim response either', async () => {
    const { attempt } = await ask(
      `HTTP/1.1 103 Early Hints\r\nConnection: X-Hop\r\nX-Hop: 1\r\nLink: </a>\r\nContent-Length: 3\r\n\r\n${OK}`,
    );
    expect(attempt.interims).toEqual([{ status: 103, headers: ['Link', '</a>'] }]);
  });
});

describe('duty 3', () => {
  it('nominating Content-Length does not remove it', async () => {
    const { attempt } = await ask(
      'HTTP/1.1 200 OK\r\nConnection: content-length\r\nContent-Length: 5\r\n\r\nhello',
    );
    expect(attempt.all('content-length')).toEqual(['5']);
    expect(attempt.body).toBe('hello');
  });
});

describe('duties 8 to 11: a head that is not clean', () => {
  const bad: Record<string, string> = {
    'duty 8: space before the colon': 'HTTP/1.1 200 OK\r\nX-A : b\r\nContent-Length: 5\r\n\r\nhello',
    'duty 9: a folded field': 'HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 5\r\n\r\nhello',
    'duty 7: an empty name': 'HTTP/1.1 200 OK\r\n: b\r\nContent-Length: 5\r\n\r\nhello',
    'duty 7: a name that is no token': 'HTTP/1.1 200 OK\r\nX(A: b\r\nContent-Length: 5\r\n\r\nhello',
    'duty 6: NUL in a value': 'HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 5\r\n\r\nhello',
    'duty 6: DEL in a value': 'HTTP/1.1 200 OK\r\nX-A: a\x7fb\r\nContent-Length: 5\r\n\r\nhello',
    'duty 11: bare CR': 'HTTP/1.1 200 OK\r\nX-A: a\rb\r\nContent-Length: 5\r\n\r\nhello',
    'duty 11: bare LF': 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello',
    'another protocol': 'SSH-2.0-OpenSSH_9.6\r\n',
    'a status below 100': 'HTTP/1.1 099 Low\r\nContent-Length: 5\r\n\r\nhello',
    'too many fields': `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(600)}Content-Length: 5\r\n\r\nhello`,
    'too many bytes': `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(70_000)}\r\nContent-Length: 5\r\n\r\nhello`,
  };
  it.each(Object.entries(bad))('%s is a protocol error, and the connection is closed', async (_, bytes) => {
    const attempt = await askAndSeeClosed(bytes);
    expect(attempt.calls).toEqual(['error']);
    expect(attempt.error?.kind).toBe('protocol');
  });
});

describe('duty 12', () => {
  it('fields of one name keep their order, and Set-Cookie stays separate', async () => {
    const { attempt } = await ask(
      'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX: 1\r\nset-cookie: b=2\r\nX: 2\r\nContent-Length: 0\r\n\r\n',
    );
    expect(attempt.head?.headers).toEqual([
      ...['Set-Cookie', 'a=1', 'X', '1', 'set-cookie', 'b=2', 'X', '2'],
      ...['Content-Length', '0'],
    ]);
  });
});

describe('duty 19: an answer whose length is in doubt', () => {
  const bad: Record<string, string> = {
    'Content-Length with Transfer-Encoding':
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'Transfer-Encoding with Content-Length':
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
    'one length twice': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello',
    'a list of lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello',
    'a sign': 'HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello',
    hexadecimal: 'HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello',
    'an empty length': 'HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\nhello',
    'too large a length': 'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nhello',
    'a length that no number holds': 'HTTP/1.1 200 OK\r\nContent-Length: 9007199254740993\r\n\r\nhello',
    'a length with a space after it': 'HTTP/1.1 200 OK\r\nContent-Length: 5 \r\n\r\nhello',
    'chunked twice': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'chunked with a tab behind it':
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\t\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'a coding before chunked':
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'a coding without chunked': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello',
  };
  it.each(Object.entries(bad))('%s: protocol error before any head, connection closed', async (_, bytes) => {
    const attempt = await askAndSeeClosed(bytes);
    expect(attempt.calls).toEqual(['error']);
    expect(attempt.error?.kind).toBe('protocol');
  });
});

describe('duty 20', () => {
  it('a 204 has no Content-Length', async () => {
    const attempt = await askAndSeeClosed('HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello');
    expect(attempt.head?.headers).toEqual([]);
  });
});

describe('duty 21: bad chunks', () => {
  const chunks: Record<string, string> = {
    'size overflow': 'fffffffffffffffff\r\nhello\r\n0\r\n\r\n',
    'signed size': '+5\r\nhello\r\n0\r\n\r\n',
    'prefixed size': '0x5\r\nhello\r\n0\r\n\r\n',
    'data without CRLF (duty 23)': '5\r\nhelloo\r\n0\r\n\r\n',
  };
  it.each(Object.entries(chunks))('%s: protocol error, never an end', async (_, bytes) => {
    const attempt = await askAndSeeClosed(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${bytes}`);
    expect(attempt.calls.at(-1)).toBe('error');
    expect(attempt.error?.kind).toBe('protocol');
  });
});

describe('duty 25: trailers', () => {
  const chunked = (trailers: string, fields = '') =>
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${fields}\r\n5\r\nhello\r\n0\r\n${trailers}\r\n`;

  it('stay trailers and are not merged into the head', async () => {
    const { attempt } = await ask(
      chunked('X-Sum: abc\r\nX-Sum: def\r\n', 'Trailer: X-Sum\r\nX-Sum: head\r\n'),
    );
    expect(attempt.all('x-sum')).toEqual(['head']);
    expect(attempt.trailers).toEqual(['X-Sum', 'abc', 'X-Sum', 'def']);
  });

  it('that frame, route or set state are dropped', async () => {
    const { attempt } = await ask(
      chunked('Connection: close\r\nSet-Cookie: a=1\r\nHost: b\r\nLocation: /c\r\nX-Ok: 1\r\n'),
    );
    expect(attempt.trailers).toEqual(['X-Ok', '1']);
  });

  it('that would frame the message again break it', async () => {
    const attempt = await askAndSeeClosed(chunked('Content-Length: 3\r\n'));
    expect(attempt.error?.kind).toBe('protocol');
  });
});

describe('duties 27 and 28: answers without a body', () => {
  it('HEAD: no body, Content-Length kept, and a body sent nevertheless is thrown away with the connection', async () => {
    const attempt = await askAndSeeClosed(OK, 'HEAD');
    expect(attempt.all('content-length')).toEqual(['5']);
    expect(attempt.calls).toEqual(['head', 'end']);
  });

  it('304: no body, Content-Length kept', async () => {
    const attempt = await askAndSeeClosed('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello');
    expect(attempt.all('content-length')).toEqual(['5']);
    expect(attempt.calls).toEqual(['head', 'end']);
  });

  it.each([
    ['announced by length', 'Content-Length: 5\r\n\r\nhello'],
    ['chunked', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
    ['not announced', '\r\nhello'],
    ['that looks like an answer', '\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nEVIL!'],
  ])('204: a body %s is thrown away with the connection', async (_, rest) => {
    const attempt = await askAndSeeClosed(`HTTP/1.1 204 No Content\r\n${rest}`);
    expect(attempt.calls).toEqual(['head', 'end']);
  });
});

describe('duties 29 and 30: interim responses', () => {
  it('are passed on in order, and their fields stay out of the final answer', async () => {
    const { attempt } = await ask(
      `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${OK}`,
    );
    expect(attempt.interims).toEqual([
      { status: 103, headers: ['Link', '</a>'] },
      { status: 102, headers: [] },
    ]);
    expect(attempt.head?.headers).toEqual(['Content-Length', '5']);
    expect(attempt.calls).toEqual(['interim', 'interim', 'head', 'data', 'end']);
  });

  it.each([
    ['without Upgrade', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['with it', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
  ])('101 that nobody asked for, %s, is a protocol error', async (_, head) => {
    const attempt = await askAndSeeClosed(`${head}${OK}`);
    expect(attempt.calls).toEqual(['error']);
    expect(attempt.error?.kind).toBe('protocol');
  });

  it('without end are a protocol error', async () => {
    const attempt = await askAndSeeClosed(`${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)}${OK}`);
    expect(attempt.error?.kind).toBe('protocol');
    expect(attempt.interims.length).toBeLessThan(100);
    expect(attempt.head).toBeNull();
  });
});

describe('a held-back answer', () => {
  it('comes in pieces no faster than it is taken, and whole in the end', async () => {
    const size = 8 * 1024 * 1024;
    const head = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
    await using upstream = await RawUpstream.answering(Buffer.concat([head, Buffer.alloc(size, 'x')]));
    await using lane = outboundLane(upstream.url);
    const attempt = new OutboundAttempt(lane);
    attempt.hold = true;
    await until(() => attempt.chunks.length === 1);
    // What the kernel and the upstream's socket hold is all that has moved.
    const connection = await upstream.connection();
    await until(() => connection.socket.writableLength > 0);
    expect(attempt.chunks.length).toBe(1);
    let resumed = 0;
    while (!attempt.over) {
      const before = attempt.chunks.length;
      attempt.attempt.resume();
      resumed++;
      await until(() => attempt.chunks.length > before || attempt.over);
      expect(attempt.chunks.length - before).toBeLessThanOrEqual(1);
    }
    expect(resumed).toBeGreaterThan(10);
    expect(attempt.body.length).toBe(size);
    expect(attempt.calls.at(-1)).toBe('end');
  });
});
