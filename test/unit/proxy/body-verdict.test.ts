import { describe, expect, it } from 'vitest';
import { grpcStatusOf, judgedAtHead } from '../../../src/proxy/body-verdict.ts';

describe('what the kind of a body means for its verdict', () => {
  it.each([
    ['text/event-stream', 'endless'],
    ['text/event-stream; charset=utf-8', 'endless'],
    ['Text/Event-Stream ;charset=utf-8', 'endless'],
    ['text/event-stream-like', 'plain'],
    ['application/grpc', 'grpc'],
    ['application/grpc+proto', 'grpc'],
    ['application/grpc; x=y', 'grpc'],
    ['application/grpcish', 'plain'],
    ['application/json', 'plain'],
    ['application/octet-stream', 'plain'],
  ])('%s: %s', (type, kind) => expect(judgedAtHead(['Content-Type', type])).toBe(kind));

  it('without a type it is plain', () => expect(judgedAtHead([])).toBe('plain'));

  it('grpc-status is a number of one or two digits', () => {
    const of = (value: string) => grpcStatusOf(['Grpc-Status', value]);
    expect([of('0'), of('14'), of('99')]).toEqual([0, 14, 99]);
    expect([of(''), of('-1'), of('100'), of('1.0'), of('OK')]).toEqual([null, null, null, null, null]);
    expect(grpcStatusOf([])).toBeNull();
  });
});
