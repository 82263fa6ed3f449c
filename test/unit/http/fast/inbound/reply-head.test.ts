import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeReplyHead } from '../../../../../src/http/fast/inbound/reply-head.ts';
import { replyFields } from '../../../../../src/http/full/reply-fields.ts';

const NAMES = [
  'Connection',
  'Content-Length',
  'Content-Type',
  'Date',
  'Keep-Alive',
  'Set-Cookie',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
  'X_Trailer',
];

const field = fc.tuple(
  fc.constantFrom(...NAMES, ...NAMES.map((name) => name.toLowerCase())),
  fc.constantFrom('', '5', '17', 'close', 'Expires', 'chunked', '\xe9'),
);

const answer = fc.record({
  status: fc.constantFrom(200, 204, 304, 426),
  headers: fc.array(field, { maxLength: 6 }).map((fields) => fields.flat()),
  method: fc.constantFrom('GET', 'HEAD'),
  closes: fc.boolean(),
});

/** What a call returns, or that it throws. */
function outcomeOf<T>(call: () => T): T | 'throws' {
  try {
    return call();
  } catch {
    return 'throws';
  }
}

describe('the head of an answer in the fast lane', () => {
  it('has the fields of the full lane, in their order', () => {
    fc.assert(
      fc.property(answer, ({ status, headers, method, closes }) => {
        const facts = { method, httpVersion: '1.1' } as const;
        const full = outcomeOf(() => replyFields(status, headers, facts, closes));
        const fast = outcomeOf(() => writeReplyHead({ status, reason: 'So', headers }, facts, closes));
        if (full === 'throws' || fast === 'throws') {
          expect(fast).toBe(full);
          return;
        }
        const lines = fast.text.split('\r\n');
        expect(lines.splice(-2)).toEqual(['', '']);
        expect(lines.shift()).toBe(`HTTP/1.1 ${status} So`);
        if (fast.chunked) expect(lines.pop()).toBe('Transfer-Encoding: chunked');
        const dated = full.list.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'date');
        if (!dated) expect(lines.pop()).toMatch(/^Date: .* GMT$/);
        const { list, length, bodiless } = full;
        expect(lines).toEqual(list.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${list[at + 1]}`] : [])));
        expect(fast).toMatchObject({ length, bodiless, chunked: length === null && !bodiless });
      }),
      { numRuns: 3_000 },
    );
  });
});
