import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { EarlyBytes } from '../../../src/http/full/early-bytes.ts';

describe('what comes behind an upgrade', () => {
  it('is kept as one piece, however it comes', () => {
    const early = new EarlyBytes(new Socket());
    const bytes = Buffer.from(Array.from({ length: 60_000 }, (_, at) => at % 251));
    for (let at = 0; at < bytes.length; at++) early.add(bytes.subarray(at, at + 1));
    expect(early.length).toBe(60_000);
    const taken = early.take();
    expect(taken.equals(bytes)).toBe(true);
    expect(taken.buffer.byteLength).toBeLessThanOrEqual(2 * bytes.length + 1024);
    expect([early.length, early.take().length]).toEqual([0, 0]);
  });

  it('is copied: the piece that it came in is not held', () => {
    const early = new EarlyBytes(new Socket());
    const piece = Buffer.from('frame');
    early.add(piece);
    piece.fill(0);
    expect(early.take().toString()).toBe('frame');
  });

  it('is held back when it is 64 KiB', () => {
    const socket = new Socket();
    const early = new EarlyBytes(socket);
    early.add(Buffer.alloc(65_535));
    expect(socket.isPaused()).toBe(false);
    early.add(Buffer.alloc(1));
    expect(socket.isPaused()).toBe(true);
  });
});
