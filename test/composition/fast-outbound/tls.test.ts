import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClientBody, OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { startTlsUpstream, trustTestCertificates } from '../../helpers/tls-upstream.ts';
import { until } from '../../helpers/until.ts';

let distrust: () => void;
beforeAll(() => {
  distrust = trustTestCertificates();
});
afterAll(() => distrust());

it('TLS connections are kept, and only HTTP/1.1 is offered', async () => {
  await using upstream = await startTlsUpstream((request, response) => {
    const { alpnProtocol } = request.socket as TLSSocket;
    response.end(`${request.httpVersion} ${alpnProtocol}`);
  });
  await using lane = outboundLane(`https://localhost:${upstream.port}`, { allowH2: false }, 'fast');
  for (let nth = 0; nth < 5; nth++) {
    expect((await new OutboundAttempt(lane).ended()).body).toBe('1.1 http/1.1');
  }
  expect(upstream.sockets).toHaveLength(1);
});

it('a later handshake is a short one', async () => {
  const resumed: boolean[] = [];
  await using upstream = await startTlsUpstream((request, response) => {
    resumed.push((request.socket as TLSSocket).isSessionReused());
    response.setHeader('Connection', 'close');
    response.end('ok');
  });
  await using lane = outboundLane(`https://localhost:${upstream.port}`, { allowH2: false }, 'fast');
  for (let nth = 0; nth < 3; nth++) await new OutboundAttempt(lane).ended();
  expect(resumed).toEqual([false, true, true]);
});

it('large bodies pass both ways, held back by either side', async () => {
  const size = 4 * 1024 * 1024;
  await using upstream = await startTlsUpstream((request, response) => void request.pipe(response));
  await using lane = outboundLane(`https://localhost:${upstream.port}`, { allowH2: false }, 'fast');
  const body = new ClientBody(size);
  const attempt = new OutboundAttempt(lane, { method: 'POST', body });
  attempt.hold = true;
  const piece = Buffer.alloc(64 * 1024, 'x');
  for (let sent = 0; sent < size; sent += piece.length) {
    await until(() => {
      attempt.attempt.resume();
      return !body.paused;
    });
    await body.send(piece);
  }
  await body.end();
  attempt.hold = false;
  attempt.attempt.resume();
  expect((await attempt.ended()).body).toBe('x'.repeat(size));
});
