import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InboundBodySink } from '../../../src/http/message.ts';
import { ReplayableBody } from '../../../src/proxy/replayable-body.ts';
import { Reader, Source } from './body-ends.ts';

/** What a reader is given at a time, at most. */
const PIECE = 64 * 1024;

const pieces = fc.array(
  fc.string({ minLength: 1, maxLength: 8, unit: 'binary-ascii' }).map((text) => Buffer.from(text, 'latin1')),
  { maxLength: 12 },
);
const steps = fc.array(
  fc.constantFrom('arrive', 'arrive', 'arrive', 'pause', 'resume', 'again', 'again in a piece', 'gap'),
  {
    maxLength: 60,
  },
);

describe('a request body that can be sent more than once', () => {
  it('is seen whole, exactly and once by whoever reads it to its end, whatever came before', () => {
    let repeated = 0;
    let refused = 0;
    fc.assert(
      fc.property(
        pieces,
        steps,
        fc.record({ sized: fc.boolean(), eager: fc.boolean(), shy: fc.boolean(), max: fc.nat(60) }),
        (chunks, order, { max, shy, ...how }) => {
          const whole = Buffer.concat(chunks).toString('latin1');
          const source = new Source(chunks, how);
          const body = new ReplayableBody(source, max);
          let reader = new Reader();
          let lost = false;
          const detach = () => {
            body.detach();
            reader.detached = true;
          };
          const begin = () => {
            reader = new Reader();
            reader.onPiece = () => {
              if (shy) body.pause();
            };
            body.start(reader);
          };
          /** Another attempt, if there may be one. */
          const again = () => {
            expect(whole.startsWith(reader.bytes)).toBe(true);
            if (!body.replayable) {
              refused++;
              return;
            }
            repeated++;
            detach();
            begin();
          };
          begin();
          for (const step of order) {
            if (step === 'arrive') source.arrive();
            else if (step === 'pause') body.pause();
            else if (step === 'resume') body.resume();
            else if (step === 'again') again();
            else if (step === 'gap') {
              if (!body.replayable) continue;
              detach();
              // Between two readers the client is held back.
              expect(source.arrive()).toBe(false);
              begin();
            } else {
              const { onPiece } = reader;
              reader.onPiece = () => {
                reader.onPiece = onPiece;
                // Given up in the middle of a piece, without a pause first; the next attempt comes later.
                if (body.replayable) {
                  detach();
                  lost = true;
                } else onPiece();
              };
              body.resume();
              source.arrive();
              reader.onPiece = onPiece;
              if (lost) begin();
              lost = false;
            }
          }
          for (let left = 4 * chunks.length + 8; left > 0; left--) {
            body.resume();
            source.arrive();
          }
          expect(reader.bytes).toBe(whole);
          expect(reader.ended).toBe(1);
          expect(source.starts).toBe(1);
        },
      ),
      { numRuns: 3_000 },
    );
    // It has tried what it is for.
    expect(Math.min(repeated, refused)).toBeGreaterThan(100);
  });

  const read = (source: Source, max: number) => {
    const body = new ReplayableBody(source, max);
    const reader = new Reader();
    body.start(reader);
    return { body, reader };
  };

  it('of as many bytes as may be kept can be sent again, of one more not', () => {
    for (const [bytes, replayable] of [
      [10, true],
      [11, false],
    ] as const) {
      const source = new Source([Buffer.alloc(bytes)]);
      const { body } = read(source, 10);
      source.arrive();
      expect(body.replayable).toBe(replayable);
    }
  });

  it('that is announced as longer is not kept at all, but can be sent as long as nobody has begun', () => {
    const source = new Source([Buffer.alloc(4), Buffer.alloc(8)], { sized: true });
    const body = new ReplayableBody(source, 10);
    expect(body.replayable).toBe(true);
    body.start(new Reader());
    expect(body.replayable).toBe(false);
  });

  it('says so already at the piece that is too much, to whoever gives up there', () => {
    const source = new Source([Buffer.alloc(11)]);
    const { body, reader } = read(source, 10);
    let there: boolean | null = null;
    reader.onPiece = () => {
      there = body.replayable;
    };
    source.arrive();
    expect(there).toBe(false);
  });

  it('holds the client back from the end of one reader to the beginning of the next', () => {
    const source = new Source([Buffer.from('a'), Buffer.from('b')]);
    const { body } = read(source, 10);
    source.arrive();
    body.detach();
    expect(source.paused).toBe(true);
    const second = new Reader();
    body.start(second);
    expect([second.bytes, source.paused]).toEqual(['a', false]);
  });

  it('does not let the client go on while the next reader has not taken what was kept', () => {
    const [a, b] = ['a'.repeat(PIECE), 'b'.repeat(PIECE)];
    const source = new Source([a, b, 'c'].map((text) => Buffer.from(text)));
    const { body } = read(source, 3 * PIECE);
    source.arrive();
    source.arrive();
    body.detach();
    const second = new Reader();
    second.onPiece = () => body.pause();
    body.start(second);
    expect([second.bytes === a, source.paused]).toEqual([true, true]);
    body.resume();
    expect([second.bytes === a + b, source.paused]).toEqual([true, true]);
    body.resume();
    expect([second.bytes === a + b, source.paused]).toEqual([true, false]);
  });

  it('of which the last reader is known is given to it whole, and to nobody after it', () => {
    const [a, b] = ['a'.repeat(PIECE), 'b'.repeat(PIECE)];
    const source = new Source([a, b, 'c'].map((text) => Buffer.from(text)));
    const { body } = read(source, 3 * PIECE);
    source.arrive();
    source.arrive();
    body.detach();
    const last = new Reader();
    last.onPiece = () => body.pause();
    body.start(last);
    // It has not had all of what was kept.
    body.readLast();
    expect([last.bytes === a, body.replayable]).toEqual([true, false]);
    for (let nth = 0; nth < 6; nth++) {
      body.resume();
      source.arrive();
    }
    expect([last.bytes === `${a}${b}c`, last.ended]).toEqual([true, 1]);
  });

  it('holds about as much as the client has sent, also when that comes byte by byte', () => {
    const bytes = 50_000;
    const source = new Source(Array.from({ length: bytes }, () => Buffer.from('x')));
    const body = new ReplayableBody(source, bytes);
    const reader: InboundBodySink = { onChunk: () => {}, onEnd: () => {}, onError: () => {} };
    body.start(reader);
    while (source.arrive());
    body.detach();
    const again = new Reader();
    body.start(again);
    // One run of bytes in one piece: nothing is kept of how they came.
    expect(again.chunks.map(({ length }) => length)).toEqual([bytes]);
    expect(again.chunks[0]?.buffer.byteLength).toBeLessThanOrEqual(2 * bytes);
  });

  it('loses nothing, and keeps the order, when pieces come in spite of a pause', () => {
    const source = new Source(['ab', 'cd', 'ef'].map((text) => Buffer.from(text)));
    const { body, reader } = read(source, 3);
    reader.onPiece = () => body.pause();
    for (let nth = 0; nth < 3; nth++) {
      source.paused = false;
      source.arrive();
    }
    expect(reader.bytes).toBe('ab');
    for (let nth = 0; nth < 3; nth++) body.resume();
    source.arrive();
    expect([reader.bytes, reader.ended]).toEqual(['abcdef', 1]);
  });

  it('that broke is broken for the next reader too, and can not be sent again', () => {
    const source = new Source([Buffer.from('a')]);
    const { body, reader } = read(source, 10);
    source.arrive();
    body.detach();
    source.fail();
    expect([reader.error, body.replayable]).toEqual([null, false]);
    const second = new Reader();
    body.start(second);
    expect(second.error).toMatchObject({ code: 'malformed' });
  });

  it('tells its reader of an error after all that came before it', () => {
    const source = new Source([Buffer.from('a')]);
    const { reader } = read(source, 10);
    source.arrive();
    source.fail();
    expect([reader.bytes, reader.error?.code, reader.ended]).toEqual(['a', 'malformed', 0]);
  });
});
