import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutboundAttempt, outboundLane } from '../../helpers/outbound-attempt.ts';
import { testCertificate } from '../../helpers/test-certificate.ts';
import { startTlsUpstream, type TlsHandler, trustTestCertificates } from '../../helpers/tls-upstream.ts';

const other = testCertificate('other.test');
let distrust: () => void;
beforeAll(() => {
  distrust = trustTestCertificates(other);
});
afterAll(() => distrust());

const sayVersion: TlsHandler = (request, response) => {
  const { servername } = request.socket as TLSSocket & { servername?: string };
  response.setHeader('x-seen', [request.httpVersion, request.authority || String(request.headers.host)]);
  response.end(String(servername || 'none'));
};

describe('a TLS target', () => {
  it('is spoken to over HTTP/2, on one connection', async () => {
    await using upstream = await startTlsUpstream(sayVersion);
    await using lane = outboundLane(`https://localhost:${upstream.port}`);
    const attempts = Array.from({ length: 20 }, () => new OutboundAttempt(lane));
    for (const attempt of attempts) {
      await attempt.ended();
      expect(attempt.head?.status).toBe(200);
      expect(attempt.all('x-seen').join()).toContain('2.0');
      expect(attempt.body).toBe('localhost');
    }
    expect(upstream.sockets).toHaveLength(1);
  });

  it('is spoken to over HTTP/1.1 when allowH2 is false', async () => {
    await using upstream = await startTlsUpstream(sayVersion);
    await using lane = outboundLane(`https://localhost:${upstream.port}`, { allowH2: false });
    expect((await new OutboundAttempt(lane).ended()).all('x-seen').join()).toContain('1.1');
  });

  it.each([true, false])('may be an address, which is no server name (allowH2: %s)', async (allowH2) => {
    await using upstream = await startTlsUpstream(sayVersion);
    await using lane = outboundLane(`https://127.0.0.1:${upstream.port}`, { allowH2 });
    expect((await new OutboundAttempt(lane).ended()).body).toBe('none');
  });

  it.each([true, false])(
    'is known by its own name, whatever Host is sent on (allowH2: %s)',
    async (allowH2) => {
      await using upstream = await startTlsUpstream(sayVersion);
      await using lane = outboundLane(`https://localhost:${upstream.port}`, { allowH2 });
      for (const host of ['client.test', 'other.test:444']) {
        const attempt = await new OutboundAttempt(lane, { headers: ['Host', host] }).ended();
        expect(attempt.all('x-seen').join()).toContain(host);
        expect(attempt.body).toBe('localhost');
      }
      expect(upstream.sockets).toHaveLength(1);
    },
  );

  it('whose certificate is for another name cannot be connected: connect', async () => {
    await using upstream = await startTlsUpstream(sayVersion, other);
    await using lane = outboundLane(`https://localhost:${upstream.port}`);
    const attempt = new OutboundAttempt(lane, { headers: ['Host', 'other.test'] });
    expect((await attempt.done()).error?.kind).toBe('connect');
  });

  it('whose certificate nobody trusts cannot be connected: connect', async () => {
    await using upstream = await startTlsUpstream(sayVersion, testCertificate('localhost'));
    await using lane = outboundLane(`https://localhost:${upstream.port}`);
    expect((await new OutboundAttempt(lane).done()).error?.kind).toBe('connect');
  });
});
