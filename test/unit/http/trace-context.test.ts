import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outgoingFields, readTraceContext } from '../../../src/http/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

const of = (value: string, ...more: string[]) => readTraceContext(['traceparent', value, ...more]);

describe('a traceparent', () => {
  it('is taken apart', () => {
    expect(of(`00-${TRACE}-${SPAN}-01`)).toEqual({
      traceId: TRACE,
      parentId: SPAN,
      sampled: true,
      random: false,
      state: [],
    });
  });

  it.each([
    ['01', true, false],
    ['00', false, false],
    ['02', false, true],
    ['03', true, true],
    ['ff', true, true],
    ['fc', false, false],
  ])('with flags %s', (flags, sampled, random) => {
    expect(of(`00-${TRACE}-${SPAN}-${flags}`)).toMatchObject({ sampled, random });
  });

  it.each([
    [''],
    [`00-${TRACE}-${SPAN}`],
    [`00-${TRACE}-${SPAN}-`],
    [`00-${TRACE}-${SPAN}-1`],
    [`00-${TRACE}-${SPAN}-001`],
    [`00-${TRACE}-${SPAN}-01-`],
    [`00-${TRACE}-${SPAN}-01-more`],
    [`00-${TRACE}-${SPAN}-01 `],
    [` 00-${TRACE}-${SPAN}-01`],
    [`00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`],
    [`0-${TRACE}-${SPAN}-01`],
    [`ff-${TRACE}-${SPAN}-01`],
    [`FF-${TRACE}-${SPAN}-01`],
    [`00-${TRACE.toUpperCase()}-${SPAN}-01`],
    [`00-${TRACE}-${SPAN.toUpperCase()}-01`],
    [`00-${TRACE}-${SPAN}-0A`],
    [`00-${'0'.repeat(32)}-${SPAN}-01`],
    [`00-${TRACE}-${'0'.repeat(16)}-01`],
    [`00-${TRACE}0-${SPAN}-01`],
    [`00-${TRACE.slice(1)}-${SPAN}-01`],
    [`00-${TRACE.replace('a', 'g')}-${SPAN}-01`],
    [`00_${TRACE}_${SPAN}_01`],
    [`cc-${TRACE}-${SPAN}-01.more`],
    [`cc-${TRACE}-${SPAN}-01more`],
  ])('%j is none', (value) => {
    expect(of(value)).toBeNull();
  });

  it.each([
    [`cc-${TRACE}-${SPAN}-01`],
    [`01-${TRACE}-${SPAN}-01-what-may-come`],
    [`cc-${TRACE}-${SPAN}-01-`],
  ])('of a version to come is read as far as it is known: %s', (value) => {
    expect(of(value)).toMatchObject({ traceId: TRACE, parentId: SPAN, sampled: true });
  });

  it('is none where there are two, or none', () => {
    const one = `00-${TRACE}-${SPAN}-01`;
    expect(of(one, 'TraceParent', one)).toBeNull();
    expect(readTraceContext(['tracestate', 'a=1'])).toBeNull();
    expect(readTraceContext([])).toBeNull();
  });

  it('has its states with it in their order, wherever they stand', () => {
    const one = `00-${TRACE}-${SPAN}-01`;
    expect(
      readTraceContext(['TraceState', 'a=1', 'Other', 'x', 'TRACEPARENT', one, 'tracestate', 'b=2']),
    ).toMatchObject({ state: ['tracestate', 'a=1', 'tracestate', 'b=2'] });
  });

  it('of ours is one that a reader of the specification accepts, and says the same', () => {
    const hex = (length: number) =>
      fc
        .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })
        .filter((text) => /[^0]/.test(text));
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), fc.boolean(), (traceId, spanId, sampled, random) => {
        const fields = outgoingFields({ traceId, spanId, sampled }, { random, state: ['tracestate', 'a=1'] });
        expect(readTraceContext(fields)).toEqual({
          traceId,
          parentId: spanId,
          sampled,
          random,
          state: ['tracestate', 'a=1'],
        });
      }),
    );
  });

  it('is read like the grammar of the specification says, whatever the text', () => {
    const piece = fc.oneof(
      fc.constantFrom('00', 'ff', 'cc', '01', '-', TRACE, SPAN, '0'.repeat(32), '0'.repeat(16), 'A', ' '),
      fc.string({ unit: fc.constantFrom(...'0123456789abcdefABg-'), maxLength: 34 }),
    );
    const likely = fc
      .tuple(
        fc.constantFrom('00', '01', 'ff', 'fe', '0'),
        fc.constantFrom(TRACE, '0'.repeat(32), TRACE.slice(2)),
        fc.constantFrom(SPAN, '0'.repeat(16), `${SPAN}0`),
        fc.constantFrom('00', '01', '0g'),
        fc.constantFrom('', '-', '-x', 'x'),
      )
      .map(([version, trace, span, flags, more]) => `${version}-${trace}-${span}-${flags}${more}`);
    const any = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.oneof(likely, any), (value) => {
        expect(of(value) !== null).toBe(validByHand(value));
      }),
      { numRuns: 2_000 },
    );
  });
});

/** §2.2.2 and §2.2.4 once more, in another way. */
function validByHand(value: string): boolean {
  const isHex = (text: string) => [...text].every((digit) => '0123456789abcdef'.includes(digit));
  const [version = '', trace = '', span = '', flags = ''] = [
    value.slice(0, 2),
    value.slice(3, 35),
    value.slice(36, 52),
    value.slice(53, 55),
  ];
  if (value.length < 55 || value[2] !== '-' || value[35] !== '-' || value[52] !== '-') return false;
  if (![version, trace, span, flags].every(isHex) || version === 'ff') return false;
  if (BigInt(`0x${trace}`) === 0n || BigInt(`0x${span}`) === 0n) return false;
  return value.length === 55 || (version !== '00' && value[55] === '-');
}
