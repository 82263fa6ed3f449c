import { describe, expect, it } from 'vitest';
import { HeldBytes } from '../../../../../src/http/fast/inbound/held-bytes.ts';

describe('held bytes', () => {
  it('come out in the order in which they came, in pieces or as one', () => {
    const held = new HeldBytes();
    for (const text of ['ab', '', 'cd', 'ef']) held.add(Buffer.from(text));
    expect(held.length).toBe(6);
    expect(held.shift()?.toString()).toBe('ab');
    expect(held.take().toString()).toBe('cdef');
    expect([held.length, held.shift(), held.take().length]).toEqual([0, undefined, 0]);
  });

  it('are not copied when they came in one piece', () => {
    const held = new HeldBytes();
    const piece = Buffer.from('abc');
    held.add(piece);
    expect(held.take()).toBe(piece);
  });

  it('are enough at 64 KiB, and at 256 pieces however small', () => {
    const held = new HeldBytes();
    held.add(Buffer.alloc(65_535));
    expect(held.isEnough).toBe(false);
    held.add(Buffer.alloc(1));
    expect(held.isEnough).toBe(true);
    held.clear();
    for (let nth = 0; nth < 255; nth++) held.add(Buffer.alloc(1));
    expect(held.isEnough).toBe(false);
    held.add(Buffer.alloc(1));
    expect(held.isEnough).toBe(true);
  });
});
