import fc from 'fast-check';

/** What changes the meaning of the bytes around it. */
const FRAGMENTS = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '#',
  '"',
  '\x7f',
  '\x80',
  '\xff',
  '\r\n\r\n',
  '\n\n',
  '\r\n ',
  'HTTP/1.1',
  'HTTP/1.0',
  ' HTTP/1.1\r\n',
  'Host: b\r\n',
  'Content-Length: 2\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Upgrade: x\r\n',
  'Connection: close\r\n',
  '0\r\n\r\n',
  '5\r\n',
  '-',
  '+',
  '0x',
];

/** One change of a run of bytes. */
interface Mutation {
  readonly kind: 'flip' | 'insert' | 'delete' | 'duplicate' | 'splice' | 'overwrite';
  readonly at: number;
  readonly to: number;
  readonly length: number;
  readonly bit: number;
  readonly put: string;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom<Mutation['kind'][]>('flip', 'insert', 'delete', 'duplicate', 'splice', 'overwrite'),
  at: fc.nat(),
  to: fc.nat(),
  length: fc.integer({ min: 1, max: 24 }),
  bit: fc.nat({ max: 7 }),
  put: fc.oneof(
    fc.constantFrom(...FRAGMENTS),
    fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 3 }),
  ),
});

function mutated(text: string, { kind, at, to, length, bit, put }: Mutation): string {
  const from = at % (text.length + 1);
  const end = from + length;
  const insert = (place: number, what: string) => text.slice(0, place) + what + text.slice(place);
  switch (kind) {
    case 'flip':
      if (from === text.length) return text;
      return (
        text.slice(0, from) + String.fromCharCode(text.charCodeAt(from) ^ (1 << bit)) + text.slice(from + 1)
      );
    case 'insert':
      return insert(from, put);
    case 'delete':
      return text.slice(0, from) + text.slice(end);
    case 'duplicate':
      return insert(from, text.slice(from, end));
    case 'splice':
      return insert(to % (text.length + 1), text.slice(from, end));
    case 'overwrite':
      return text.slice(0, from) + put + text.slice(from + put.length);
  }
}

/** These bytes, as text with a character for each, as they are, changed in one to three places, or cut short. */
export function withMutations(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const mutations = fc.oneof(
    { weight: 4, arbitrary: fc.constant<Mutation[]>([]) },
    { weight: 2, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(mutation, { minLength: 2, maxLength: 3 }) },
  );
  const short = fc.oneof(
    { weight: 9, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.nat({ max: 80 }) },
  );
  return fc
    .tuple(texts, mutations, short)
    .map(([text, changes, less]) => changes.reduce(mutated, text).slice(0, less === 0 ? undefined : -less));
}

/** Where to cut, as numbers to be taken modulo the length. */
export const cuts: fc.Arbitrary<number[]> = fc.oneof(
  fc.constant<number[]>([]),
  fc.array(fc.nat(), { maxLength: 5 }),
);

/** The bytes in pieces, none of them empty. */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...sorted]
    .map((from, nth) => bytes.subarray(from, sorted[nth] ?? bytes.length))
    .filter(({ length }) => length > 0);
}
