import { describe, expect, it } from 'vitest';
import { SseParser } from '../../../../src/cli/admin/sse-parser.ts';

const STREAM =
  'retry: 1000\n\n: a comment\nevent: overview\ndata: {"a":1}\n\nid: 4\nevent: event\r\ndata:one\r\ndata: two\r\n\r\ndata: unnamed\r\revent: nothing\n\n';

const EXPECTED = [
  { event: 'overview', data: '{"a":1}' },
  { event: 'event', data: 'one\ntwo' },
  { event: 'message', data: 'unnamed' },
];

describe('the parser of server-sent events', () => {
  it('finds the messages, whatever ends their lines', () => {
    expect(new SseParser().push(STREAM)).toEqual(EXPECTED);
  });

  it('finds the same ones wherever the text is cut', () => {
    for (let at = 1; at < STREAM.length; at++) {
      const parser = new SseParser();
      const found = [...parser.push(STREAM.slice(0, at)), ...parser.push(STREAM.slice(at))];
      expect(found, `cut at ${at}`).toEqual(EXPECTED);
    }
    const parser = new SseParser();
    expect([...STREAM].flatMap((character) => parser.push(character))).toEqual(EXPECTED);
  });

  it('does not keep what never ends', () => {
    const parser = new SseParser();
    const line = `data: ${'x'.repeat(1024 * 1024)}\n`;
    expect(() => {
      for (let count = 0; count < 20; count++) parser.push(line);
    }).toThrow(RangeError);
  });
});
