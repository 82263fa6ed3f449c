import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goingAwayFrame, WebSocketFrames } from '../../../src/http/full/websocket-frames.ts';

interface Frame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly masked: boolean;
  readonly length: number;
  /** Bytes that the length is written in, which may be more than it needs: that is for the receiver to refuse. */
  readonly width: 0 | 2 | 8;
}

/** Written from RFC 6455 §5.2, sharing nothing with what is under test. */
function encode({ opcode, fin, masked, length, width }: Frame): Buffer {
  const mask = masked ? 0x80 : 0;
  const head = [(fin ? 0x80 : 0) | opcode];
  if (width === 8 || length > 65_535) {
    head.push(mask | 127, 0, 0, 0, 0, (length >> 24) & 0xff, (length >> 16) & 0xff);
    head.push((length >> 8) & 0xff, length & 0xff);
  } else if (width === 2 || length > 125) head.push(mask | 126, length >> 8, length & 0xff);
  else head.push(mask | length);
  if (masked) head.push(0x88, 0x81, 0xff, 0x08);
  // A payload that looks like Close frames.
  return Buffer.concat([Buffer.from(head), Buffer.alloc(length, Buffer.from([0x88, 0x00]))]);
}

const frame: fc.Arbitrary<Frame> = fc.record({
  opcode: fc.constantFrom(0, 1, 2, 9, 10),
  fin: fc.boolean(),
  masked: fc.boolean(),
  length: fc.oneof(fc.nat({ max: 140 }), fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000)),
  width: fc.constantFrom(0 as const, 2 as const, 8 as const),
});

const stream = fc.record({
  frames: fc.array(frame, { minLength: 1, maxLength: 12 }),
  cuts: fc.array(fc.nat(), { maxLength: 20 }),
});

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, nth) => bytes.subarray(from, places[nth] ?? bytes.length));
}

function endsOf(frames: readonly Frame[]): number[] {
  let end = 0;
  return frames.map((one) => {
    end += encode(one).length;
    return end;
  });
}

describe('WebSocketFrames', () => {
  it('finds the same ends of frames however the bytes are cut', () => {
    fc.assert(
      fc.property(stream, ({ frames, cuts }) => {
        const tracker = new WebSocketFrames();
        const found: number[] = [];
        let before = 0;
        for (const piece of split(Buffer.concat(frames.map(encode)), cuts)) {
          for (let at = 0; at < piece.length; ) {
            at = tracker.readFrame(piece, at);
            if (tracker.atBoundary) found.push(before + at);
          }
          before += piece.length;
        }
        expect(found).toEqual(endsOf(frames));
        expect(tracker.closePassed).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('is at a boundary exactly behind a whole frame', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 4 }), fc.nat(), (frames, cut) => {
        const bytes = Buffer.concat(frames.map(encode));
        const upTo = cut % (bytes.length + 1);
        const tracker = new WebSocketFrames();
        tracker.read(bytes.subarray(0, upTo));
        expect(tracker.atBoundary).toBe(upTo === 0 || endsOf(frames).includes(upTo));
      }),
      { numRuns: 500 },
    );
  });

  it('knows a Close once all of it has passed, and not by what looks like one', () => {
    fc.assert(
      fc.property(stream, fc.nat({ max: 125 }), fc.boolean(), ({ frames, cuts }, length, masked) => {
        const close = encode({ opcode: 8, fin: true, masked, length, width: 0 });
        const bytes = Buffer.concat([...frames.map(encode), close]);
        const tracker = new WebSocketFrames();
        for (const piece of split(bytes.subarray(0, -1), cuts)) tracker.read(piece);
        expect(tracker.closePassed).toBe(false);
        tracker.read(bytes.subarray(-1));
        expect(tracker.closePassed).toBe(true);
        expect(tracker.atBoundary).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('takes frames longer than can be counted in 32 bits', () => {
    const tracker = new WebSocketFrames();
    tracker.read(Buffer.from([0x82, 127, 0, 0, 0, 2, 0, 0, 0, 0]));
    const piece = Buffer.alloc(1_048_576);
    for (let nth = 0; nth < 8_191; nth++) tracker.read(piece);
    expect(tracker.atBoundary).toBe(false);
    expect(tracker.readFrame(piece, 0)).toBe(piece.length);
    expect(tracker.atBoundary).toBe(true);
  });
});

describe('goingAwayFrame', () => {
  it('says 1001, unmasked to a client and masked to a server (RFC 6455 §5.1, §7.4.1)', () => {
    expect(goingAwayFrame('client').toString('hex')).toBe('880203e9');
    const frame = goingAwayFrame('server');
    expect([...frame.subarray(0, 2)]).toEqual([0x88, 0x82]);
    const mask = frame.subarray(2, 6);
    expect([...frame.subarray(6)].map((byte, at) => byte ^ mask[at]!)).toEqual([0x03, 0xe9]);
  });

  it('is masked anew each time on its way to a server', () => {
    const frames = new Set(Array.from({ length: 50 }, () => goingAwayFrame('server').toString('hex')));
    expect(frames.size).toBe(50);
  });
});
