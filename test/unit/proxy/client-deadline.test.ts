import { describe, expect, it } from 'vitest';
import { clientDeadlineMs } from '../../../src/proxy/client-deadline.ts';

const NONE = Number.POSITIVE_INFINITY;
const of = (fields: Record<string, string>) => clientDeadlineMs({ header: (name) => fields[name] });

describe('the client’s own deadline', () => {
  it.each([
    ['250ms', 250],
    ['5s', 5000],
    ['1m', 60_000],
    ['2', 2000],
    ['0.5', 500],
    ['1.5s', 1500],
    [' 3s ', 3000],
  ])('X-Request-Timeout: %s is %d ms', (value, ms) => {
    expect(of({ 'x-request-timeout': value })).toBe(ms);
  });

  it.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['3S', 3000],
    ['250m', 250],
    ['1500u', 1.5],
    ['99999999n', 99.999999],
  ])('grpc-timeout: %s is %d ms', (value, ms) => {
    expect(of({ 'grpc-timeout': value })).toBeCloseTo(ms, 9);
  });

  it.each([
    '',
    'soon',
    '-1s',
    '5 s',
    '5h',
    '1e3',
    '0x10',
    '.5s',
    '1,5s',
    '5s, 1s',
    'Infinity',
    'NaN',
    '1234567890',
  ])('X-Request-Timeout: "%s" is malformed, so it is ignored', (value) =>
    expect(of({ 'x-request-timeout': value })).toBe(NONE),
  );

  it.each(['', '5', '5s', '1.5S', '123456789S', '-1S', 'S', '1 S'])(
    'grpc-timeout: "%s" is malformed, so it is ignored',
    (value) => expect(of({ 'grpc-timeout': value })).toBe(NONE),
  );

  it('of nothing is none: nobody asks for an answer in no time', () => {
    for (const value of ['0', '0ms', '0.0s']) expect(of({ 'x-request-timeout': value })).toBe(NONE);
    expect(of({ 'grpc-timeout': '0S' })).toBe(NONE);
  });

  it('is the shorter of the two', () => {
    expect(of({ 'x-request-timeout': '2s', 'grpc-timeout': '1S' })).toBe(1000);
    expect(of({ 'x-request-timeout': '1s', 'grpc-timeout': '2S' })).toBe(1000);
    expect(of({ 'x-request-timeout': 'bad', 'grpc-timeout': '2S' })).toBe(2000);
    expect(of({})).toBe(NONE);
  });
});
