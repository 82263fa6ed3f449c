import fc from 'fast-check';
import { expect, it } from 'vitest';
import { difference } from './differences.ts';
import { rawAnswers } from './raw-answers.ts';
import { type RawAnswer, TwoLanes } from './two-lanes.ts';

const CASES = Number(process.env.FUZZ_CASES ?? 500);
const SEED = process.env.FUZZ_SEED === undefined ? Date.now() % 2 ** 31 : Number(process.env.FUZZ_SEED);

/** Long enough for any piece to have been read on a busy machine. */
const UNHURRIED_MS = 30;

const bytes = (...texts: string[]) => texts.map((text) => Buffer.from(text, 'latin1'));

it(`both lanes tell the same of any bytes of an upstream (seed ${SEED}, ${CASES} cases)`, {
  timeout: 60_000 + CASES * 100,
}, async () => {
  await using lanes = await TwoLanes.start();
  const told = async (answer: RawAnswer, settleMs = 0) =>
    difference(
      answer,
      await lanes.tell('undici', answer, settleMs),
      await lanes.tell('fast', answer, settleMs),
    );
  console.info(`FUZZ_SEED=${SEED} FUZZ_CASES=${CASES}`);
  await fc.assert(
    fc.asyncProperty(rawAnswers, async (answer) => {
      // Once more, and slowly: only then is a difference not one of time.
      const found = (await told(answer)) && (await told(answer, UNHURRIED_MS));
      expect(found).toBeNull();
    }),
    { numRuns: CASES, seed: SEED },
  );
});

it.each<RawAnswer>([
  { method: 'GET', pieces: bytes('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', 'ok'), end: 'silence' },
  { method: 'GET', pieces: bytes('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'x'), end: 'silence' },
  { method: 'HEAD', pieces: bytes('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'), end: 'silence' },
  { method: 'GET', pieces: bytes('HTTP/1.1 200 OK\r\n\r\nok'), end: 'fin' },
  { method: 'GET', pieces: bytes('HTTP/1.1 200 OK\r\n\r\nok'), end: 'rst' },
  {
    method: 'GET',
    pieces: bytes('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\nContent-Length: 0\r\n\r\n'),
    end: 'silence',
  },
  {
    method: 'GET',
    pieces: bytes('HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n'),
    end: 'silence',
  },
  { method: 'GET', pieces: bytes('HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n'), end: 'silence' },
  { method: 'GET', pieces: bytes('HTTP/1.1 304 Not\r\nTransfer-Encoding: chunked\r\n\r\n'), end: 'silence' },
  { method: 'GET', pieces: bytes('HTTP/1.1 304 Not\r\n\r\n'), end: 'silence' },
  {
    method: 'GET',
    pieces: bytes('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n', 'a', 'b', 'c'),
    end: 'silence',
    held: true,
  },
])('both lanes tell the same, slowly too: %#', async (answer) => {
  await using lanes = await TwoLanes.start();
  const undici = await lanes.tell('undici', answer, UNHURRIED_MS);
  const fast = await lanes.tell('fast', answer, UNHURRIED_MS);
  expect(difference(answer, undici, fast)).toBeNull();
});
