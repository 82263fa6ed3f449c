import { describe, expect, it } from 'vitest';
import { replyFields } from '../../../src/http/full/reply-fields.ts';

const get = { method: 'GET', httpVersion: '1.1' } as const;

describe('replyFields', () => {
  it('keeps order, repeated fields and names as given', () => {
    const headers = ['Set-Cookie', 'a', 'X', '1', 'set-cookie', 'b'];
    expect(replyFields(200, headers, get, false)).toEqual({ list: headers, length: null, bodiless: false });
  });

  it('duty 20: a 204 has no Content-Length', () => {
    expect(replyFields(204, ['Content-Length', '0'], get, false).list).toEqual([]);
  });

  it('duty 27: HEAD and 304 keep Content-Length and have no body', () => {
    const head = { ...get, method: 'HEAD' };
    for (const fields of [
      replyFields(200, ['Content-Length', '9'], head, false),
      replyFields(304, ['Content-Length', '9'], get, false),
    ]) {
      expect(fields).toEqual({ list: ['Content-Length', '9'], length: 9, bodiless: true });
    }
  });

  it('puts Content-Length behind Content-Disposition, which node would rewrite otherwise', () => {
    const { list } = replyFields(200, ['Content-Length', '1', 'Content-Disposition', 'x'], get, false);
    expect(list).toEqual(['Content-Disposition', 'x', 'Content-Length', '1']);
  });

  it('leaves connection fields to the lane', () => {
    const headers = ['Connection', 'x', 'Keep-Alive', 'y', 'Transfer-Encoding', 'chunked'];
    expect(replyFields(200, headers, get, true).list).toEqual(['Connection', 'close']);
  });

  it('duty 25: announces trailers only where they can follow', () => {
    const headers = ['Trailer', 'X'];
    expect(replyFields(200, headers, get, false).list).toEqual(headers);
    expect(replyFields(200, headers, { ...get, method: 'HEAD' }, false).list).toEqual([]);
    expect(replyFields(200, headers, { ...get, httpVersion: '1.0' }, false).list).toEqual([]);
    expect(replyFields(200, [...headers, 'Content-Length', '1'], get, false).list).not.toContain('Trailer');
  });

  it('refuses a length that cannot frame anything', () => {
    for (const headers of [
      ['Content-Length', 'x'],
      ['Content-Length', '1', 'Content-Length', '2'],
    ]) {
      expect(() => replyFields(200, headers, get, false)).toThrow('Content-Length');
    }
  });
});
