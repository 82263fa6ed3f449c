import fc from 'fast-check';
import type { GatewayCase } from './gateway-stage.ts';
import { cutAt, cuts, withMutations } from './mutation.ts';
import { isReadAlike } from './read-alike.ts';
import type { UpstreamAnswer } from './recording-upstream.ts';
import { requestBytes } from './request-bytes.ts';
import { responseBytes } from './response-bytes.ts';

const plain: UpstreamAnswer = {
  pieces: [Buffer.from('HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 5\r\n\r\nhello')],
  end: 'keep',
};

const answer: fc.Arbitrary<UpstreamAnswer> = fc
  .record({
    text: withMutations(responseBytes).filter(isReadAlike),
    cuts,
    end: fc.constantFrom<UpstreamAnswer['end'][]>('keep', 'keep', 'keep', 'fin', 'reset'),
  })
  .map(({ text, cuts, end }) => ({ pieces: cutAt(Buffer.from(text, 'latin1'), cuts), end }));

const answers: fc.Arbitrary<UpstreamAnswer[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<UpstreamAnswer[]>([plain]) },
  { weight: 1, arbitrary: fc.array(fc.oneof(answer, fc.constant(plain)), { minLength: 1, maxLength: 3 }) },
);

/** Streams of requests, good and bad, cut anywhere, and what the upstream has to say to them. */
export const gatewayCases: fc.Arbitrary<GatewayCase> = fc
  .record({
    text: withMutations(requestBytes),
    cuts,
    pause: fc.constantFrom<GatewayCase['pause'][]>('none', 'still', 'still'),
    leaves: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom<GatewayCase['leaves'][]>('fin', 'fin', 'reset') },
      { weight: 1, arbitrary: fc.constantFrom<GatewayCase['leaves'][]>('fin-at-once', 'reset-at-once') },
    ),
    answers,
  })
  .map(({ text, cuts, pause, leaves, answers }) => ({
    pieces: cutAt(Buffer.from(text, 'latin1'), cuts),
    pause,
    leaves,
    answers,
  }));
