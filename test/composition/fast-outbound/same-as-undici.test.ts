import { expect, it } from 'vitest';
import { testPart } from '../../fuzz/test-part.ts';
import { difference } from './differences.ts';
import { outboundPart } from './outbound-part.ts';
import { type RawAnswer, TwoLanes } from './two-lanes.ts';

/** Long enough for any piece to have been read on a busy machine. */
const UNHURRIED_MS = 30;

const bytes = (...texts: string[]) => texts.map((text) => Buffer.from(text, 'latin1'));

testPart(outboundPart);

it.each<RawAnswer>([
  { method: 'GET', pieces: bytes('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', 'ok'), end: 'silence' },
  { method: 'GET', pieces: bytes('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'x'), end: 'silence' },
  { method: 'HEAD', pieces: bytes('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'), end: 'silence' },
  { method: 'GET', pieces: bytes('HTTP/1.1 200 OK\r\n\r\nok'), end: 'fin' },
  { method: 'GET', pieces: bytes('HTTP/1.1 200 OK\r\n\r\nok'), end: 'rst' },
  {
    method: 'GET',
    pieces: bytes('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\nContent-Length: 0\r\n\r\n'),
    end: 'silence',
  },
  {
    method: 'GET',
    pieces: bytes('HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n'),
    end: 'silence',
  },
  { method: 'GET', pieces: bytes('HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n'), end: 'silence' },
  { method: 'GET', pieces: bytes('HTTP/1.1 304 Not\r\nTransfer-Encoding: chunked\r\n\r\n'), end: 'silence' },
  { method: 'GET', pieces: bytes('HTTP/1.1 304 Not\r\n\r\n'), end: 'silence' },
  {
    method: 'GET',
    pieces: bytes('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n', 'a', 'b', 'c'),
    end: 'silence',
    held: true,
  },
])('both lanes tell the same, slowly too: %#', async (answer) => {
  await using lanes = await TwoLanes.start();
  const undici = await lanes.tell('undici', answer, UNHURRIED_MS);
  const fast = await lanes.tell('fast', answer, UNHURRIED_MS);
  expect(difference(answer, undici, fast)).toBeNull();
});
