import { describe, expect, it } from 'vitest';
import { type SseMessage, SseParser } from '../../../../src/dashboard/live/sse-parser.ts';

function read(...pieces: string[]): SseMessage[] {
  const messages: SseMessage[] = [];
  const parser = new SseParser((message) => messages.push(message));
  for (const piece of pieces) parser.push(piece);
  return messages;
}

describe('SseParser', () => {
  it('reads event, data and id, and keeps the id for those that follow', () => {
    expect(read('event: event\nid: 7\ndata: {"a":1}\n\ndata: b\n\n')).toEqual([
      { event: 'event', data: '{"a":1}', id: '7' },
      { event: 'message', data: 'b', id: '7' },
    ]);
  });

  it('gives the same whatever the pieces in which it comes', () => {
    const text = 'event: overview\r\ndata: one\r\ndata: two\r\n\r\nid: 3\rdata: three\r\r: comment\n\n';
    const whole = read(text);
    expect(whole).toEqual([
      { event: 'overview', data: 'one\ntwo', id: '' },
      { event: 'message', data: 'three', id: '3' },
    ]);
    for (let size = 1; size < 9; size++) {
      expect(read(...(text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []))).toEqual(whole);
    }
  });

  it('passes over comments, unknown fields, events without data, and what is not ended yet', () => {
    expect(read(': ping\n\nretry: 1000\n\nevent: x\n\ndata: not yet\n')).toEqual([]);
  });

  it('takes off one space after the colon, and only one', () => {
    expect(read('data:a\n\ndata:  b\n\ndata\n\n').map(({ data }) => data)).toEqual(['a', ' b', '']);
  });

  it('keeps no message that does not end', () => {
    const half = 'x'.repeat(8_000_001);
    expect(() => read(half, half)).toThrow('does not end');
    expect(() => read(`data: ${half}\n`, `data: ${half}\n`)).toThrow('does not end');
    expect(read(...Array.from({ length: 3 }, () => `data: ${half}\n\n`))).toHaveLength(3);
  });
});
