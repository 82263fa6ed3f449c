import { describe, expect, it } from 'vitest';
import { type ParserError, parserRefusal } from '../../../src/http/full/parser-refusal.ts';

const limits = { maxHeaderBytes: 100, maxHeaderCount: 10, maxTargetBytes: 100, maxBodyBytes: null };

/** What the parser says when it stops at `at` in `bytes`; `before` came in earlier pieces. */
function codeOf(facts: {
  code: string;
  bytes?: string;
  at?: number;
  before?: string;
  reason?: string;
  inRequestLine?: boolean;
}) {
  const error: ParserError = Object.assign(new Error('Parse Error'), {
    code: facts.code,
    reason: facts.reason ?? 'some reason',
    bytesParsed: facts.at ?? 0,
    rawPacket: Buffer.from(facts.bytes ?? '', 'latin1'),
  });
  const place = { before: facts.before ?? '', inRequestLine: facts.inRequestLine ?? true };
  return parserRefusal(error, place, limits).code;
}

describe('parserRefusal', () => {
  it('duty 53: tells a long target from long fields by whether a line has ended', () => {
    expect(codeOf({ code: 'HPE_HEADER_OVERFLOW', inRequestLine: true })).toBe('URI_TOO_LONG');
    expect(codeOf({ code: 'HPE_HEADER_OVERFLOW', inRequestLine: false })).toBe('HEADERS_TOO_LARGE');
  });

  it.each([
    ['FOO / HTTP/1.1\r\n', 1, '', 'METHOD_NOT_IMPLEMENTED'],
    ['GETX / HTTP/1.1\r\n', 3, '', 'METHOD_NOT_IMPLEMENTED'],
    ['GE / HTTP/1.1\r\n', 2, '', 'METHOD_NOT_IMPLEMENTED'],
    ['X', 0, 'GET', 'METHOD_NOT_IMPLEMENTED'],
    ['a=1\r\nFOO / HTTP/1.1\r\n', 6, '', 'METHOD_NOT_IMPLEMENTED'],
    ['G@T / HTTP/1.1\r\n', 1, '', 'BAD_REQUEST'],
    ['GET\t/ HTTP/1.1\r\n', 3, '', 'BAD_REQUEST'],
    [' GET / HTTP/1.1\r\n', 0, '', 'BAD_REQUEST'],
    ['@', 0, 'GE', 'BAD_REQUEST'],
    ['\x16\x03\x01', 0, '', 'BAD_REQUEST'],
  ])('duty 46: judges the method in %j at %i behind %j as %s', (bytes, at, before, code) => {
    expect(codeOf({ code: 'HPE_INVALID_METHOD', bytes, at, before })).toBe(code);
  });

  it('duty 46: judges a method of RTSP as unknown', () => {
    const rtsp = {
      code: 'HPE_INVALID_CONSTANT',
      reason: 'Invalid method for HTTP/x.x request',
      bytes: 'PLAY / HTTP/1.1\r\n',
      at: 11,
    };
    expect(codeOf(rtsp)).toBe('METHOD_NOT_IMPLEMENTED');
    expect(codeOf({ ...rtsp, reason: 'Expected HTTP/, RTSP/ or ICE/' })).toBe('BAD_REQUEST');
  });

  it.each([
    ['GET / HTTP/3.0\r\n', 14, '', 'HTTP_VERSION_NOT_SUPPORTED'],
    ['3.0\r\n', 3, 'GET / HTTP/', 'HTTP_VERSION_NOT_SUPPORTED'],
    ['GET / HTTP/1.1x\r\n', 14, '', 'BAD_REQUEST'],
    ['GET / HTTP/1.1\n', 15, '', 'BAD_REQUEST'],
    ['GET / HTTP/10.1\r\n', 12, '', 'BAD_REQUEST'],
  ])('duty 47: judges the version in %j at %i behind %j as %s', (bytes, at, before, code) => {
    expect(codeOf({ code: 'HPE_INVALID_VERSION', bytes, at, before })).toBe(code);
  });

  it('duty 47: judges an HTTP/2 preface as a version', () => {
    expect(codeOf({ code: 'HPE_PAUSED_H2_UPGRADE' })).toBe('HTTP_VERSION_NOT_SUPPORTED');
  });

  it('takes everything else for a bad request', () => {
    for (const code of ['HPE_INVALID_HEADER_TOKEN', 'HPE_STRICT', 'HPE_INTERNAL', 'HPE_SOMETHING_NEW']) {
      expect(codeOf({ code })).toBe('BAD_REQUEST');
    }
  });
});
