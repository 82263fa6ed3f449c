import fc from 'fast-check';

const codePoint = fc.oneof(fc.integer({ min: 0, max: 0x2ff }), fc.integer({ min: 0, max: 0x10ffff }));

/** Text of any characters, those that command a terminal, are not seen, or are only halves among them. */
export const anyText: fc.Arbitrary<string> = fc.string({
  unit: codePoint.map((code) => String.fromCodePoint(code)),
});
