import { expect, it } from 'vitest';
import { OutboundAttempt, type OutboundKind, outboundLane } from '../../helpers/outbound-attempt.ts';
import { RawUpstream } from '../../helpers/raw-upstream.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

async function sentBy(kind: OutboundKind, method: string): Promise<string | undefined> {
  await using upstream = await RawUpstream.answering(OK);
  await using lane = outboundLane(upstream.url, {}, kind);
  await new OutboundAttempt(lane, { method }).ended();
  const text = upstream.connections[0]?.text ?? '';
  return /\r\ncontent-length: \d+\r\n/i.exec(text)?.[0].toLowerCase();
}

it.each<OutboundKind>(['undici', 'fast'])(
  'the %s lane says that a request has no body where one is expected',
  async (kind) => {
    for (const method of ['POST', 'PUT', 'PATCH']) {
      expect(await sentBy(kind, method)).toBe('\r\ncontent-length: 0\r\n');
    }
    for (const method of ['GET', 'DELETE', 'OPTIONS']) expect(await sentBy(kind, method)).toBeUndefined();
  },
);
