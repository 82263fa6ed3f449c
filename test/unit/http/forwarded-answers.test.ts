import { describe, expect, it } from 'vitest';
import { endToEnd, forwardTrailers, isLoop, maxForwards } from '../../../src/http/forwarded-headers.ts';

describe('an answer on its way to the client', () => {
  it('duties 1, 2, 5: fields of the connection to the upstream go no further', () => {
    const headers = [
      'Connection',
      'x-hop',
      'X-Hop',
      '1',
      'Keep-Alive',
      'timeout=5',
      'TE',
      'x',
      'Upgrade',
      'h2c',
    ];
    const more = ['Transfer-Encoding', 'chunked', 'Proxy-Authenticate', 'Basic', 'Proxy-Connection', 'x'];
    expect(endToEnd([...headers, ...more, 'X-End', '1'])).toEqual(['X-End', '1']);
  });

  it('duty 12: Set-Cookie stays separate and in order', () => {
    const headers = ['Set-Cookie', 'a=1', 'X', 'y', 'set-cookie', 'b=2'];
    expect(endToEnd(headers)).toEqual(headers);
  });
});

describe('duty 25: trailers', () => {
  it('that frame, route, authenticate or describe the message are dropped', () => {
    const dropped = ['Content-Length', 'Transfer-Encoding', 'Host', 'Trailer', 'Connection', 'Authorization'];
    const more = [
      'Content-Type',
      'Content-Encoding',
      'Content-Range',
      'Set-Cookie',
      'Cache-Control',
      'Location',
    ];
    const headers = [...dropped, ...more].flatMap((name) => [name, 'x']);
    expect(forwardTrailers([...headers, 'X-Checksum', '1'])).toEqual(['X-Checksum', '1']);
  });
});

describe('duty 51: loops', () => {
  it.each([
    [['Via', '1.1 gate'], true],
    [['Via', '1.0 other, 1.1 GATE (comment)'], true],
    [['Via', '1.1 a', 'via', 'HTTP/1.1\tgate'], true],
    [['Via', '1.1 gate2, 1.1 agate'], false],
    [['Via', 'gate 1.1'], false],
    [['X-Via', '1.1 gate'], false],
    [[], false],
  ])('%j: %s', (headers, loop) => {
    expect(isLoop(headers, 'Gate')).toBe(loop);
  });
});

describe('duty 52: Max-Forwards', () => {
  it.each([
    ['0', 0],
    ['7', 7],
    ['-1', null],
    ['1e3', null],
    ['', null],
    ['99999999999999999999', null],
  ])('%j is %s', (value, number) => {
    expect(maxForwards(['max-forwards', value])).toBe(number);
  });
});
