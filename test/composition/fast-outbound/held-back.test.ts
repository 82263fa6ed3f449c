import { describe, expect, it } from 'vitest';
import { OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';
import { until } from '../../helpers/until.ts';

/** A GET to an upstream that answers so and ends its side; the client holds the answer back. */
async function heldBack(answer: string) {
  const upstream = await RawUpstream.start(async (connection) => {
    await connection.request();
    connection.send(answer);
    connection.end();
  });
  const lane = outboundLane(upstream.url, {}, 'fast');
  const attempt = new OutboundAttempt(lane);
  attempt.hold = true;
  await until(() => attempt.chunks.length === 1);
  return {
    attempt,
    async [Symbol.asyncDispose]() {
      await lane[Symbol.asyncDispose]();
      await upstream.close();
    },
  };
}

describe('an answer that is held back', () => {
  it.each([
    ['by length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'],
    ['without length', 'HTTP/1.1 200 OK\r\n\r\nhello'],
    ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
  ])('%s is complete when its upstream has ended the connection meanwhile', async (_, answer) => {
    await using held = await heldBack(answer);
    const { attempt } = held;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(attempt.over).toBe(false);
    attempt.attempt.resume();
    expect((await attempt.ended()).body).toBe('hello');
  });

  it('is told one chunk at a time, even when all came at once', async () => {
    await using held = await heldBack(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n',
    );
    const { attempt } = held;
    const seen = [attempt.body];
    while (!attempt.over) {
      attempt.attempt.resume();
      if (attempt.over) break;
      seen.push(attempt.body);
    }
    expect(seen).toEqual(['a', 'ab', 'abc']);
    expect(attempt.calls).toEqual(['head', 'data', 'end']);
  });

  it('and given up in the middle of a resume is told no more', async () => {
    await using held = await heldBack(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n',
    );
    const { attempt } = held;
    attempt.onData = (chunk) => {
      attempt.chunks.push(chunk);
      attempt.attempt.abort();
      return true;
    };
    attempt.attempt.resume();
    attempt.attempt.resume();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(attempt.body).toBe('ab');
    expect(attempt.over).toBe(false);
  });
});
