import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeadEnds } from '../../../src/http/full/head-ends.ts';

const UPGRADE =
  'GET / HTTP/1.1\r\nHost:a\r\nUpgrade:websocket\r\nConnection:upgrade\r\nSec-WebSocket-Version:13\r\n' +
  'Sec-WebSocket-Key:dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
const OTHERS = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  '\r\n',
  '\r\n\r\n',
  `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n`,
  `GET /${'x'.repeat(300)} HTTP/1.1\r\nHost: a\r\n\r\n`,
];

/** The lengths of the parts that chunks are taken apart into. */
function partsOf(chunks: readonly Buffer[]): number[] {
  const ends = new HeadEnds();
  const parts: number[] = [];
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const found = ends.next(chunk, at);
      expect(found === -1 || found > at).toBe(true);
      const end = found === -1 ? chunk.length : found;
      ends.passed(chunk.subarray(at, end), end === found);
      parts.push(end - at);
      at = end;
    }
  }
  return parts;
}

describe('HeadEnds', () => {
  it('never misses the end of an upgrade’s head, whatever comes before it and however it is cut', () => {
    const messages = fc.array(fc.constantFrom(...OTHERS, UPGRADE), { maxLength: 5 });
    fc.assert(
      fc.property(messages, fc.array(fc.nat(), { maxLength: 6 }), (before, cuts) => {
        const text = [...before, UPGRADE].join('');
        const bytes = Buffer.from(`${text}early`, 'latin1');
        const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
        const chunks = [0, ...places].map((from, nth) => bytes.subarray(from, places[nth] ?? bytes.length));
        let end = 0;
        const ends = partsOf(chunks).map((length) => {
          end += length;
          return end;
        });
        expect(ends).toContain(text.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes apart neither short requests nor a flood of blank lines into tiny parts', () => {
    for (const text of ['\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'a\r\n\r\n']) {
      const parts = partsOf([Buffer.alloc(100_000, text)]);
      expect(parts.length).toBeLessThan(100_000 / 100);
    }
  });
});
