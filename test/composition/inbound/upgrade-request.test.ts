import { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TunnelEnd } from '../../../src/http/message.ts';
import { answer, TestLane, waitingLane } from '../../helpers/test-lane.ts';
import { until } from '../../helpers/until.ts';
import { handshake } from './upgrade-kit.ts';

/** A tunnel to nowhere. */
class Nowhere extends Duplex {
  override _read() {}

  override _write(_chunk: Buffer, _encoding: string, done: () => void) {
    done();
  }
}

describe('a request for an upgrade', () => {
  let lane: TestLane;
  beforeAll(async () => {
    lane = await TestLane.start();
  });
  afterAll(async () => {
    await lane[Symbol.asyncDispose]();
  });

  async function ask(bytes: string) {
    await using client = await lane.connect();
    return await client.ask(bytes);
  }

  it('reaches the handler like every request, and says what it asks for', async () => {
    expect((await ask(handshake('/chat?a', 'X: 1\r\n'))).status).toBe(200);
    const request = lane.handled.at(-1)?.request;
    expect(request?.upgrade).toBe('websocket');
    expect(request?.target).toBe('/chat?a');
    expect(request?.body).toBeNull();
    expect(request?.header('upgrade')).toBeUndefined();
    expect(request?.header('x')).toBe('1');
    expect(request?.header('sec-websocket-version')).toBe('13');
  });

  it('that is none leaves its Upgrade behind and is answered as a plain one', async () => {
    for (const bytes of [
      handshake().replace('Connection: Upgrade\r\n', ''),
      handshake().replace('websocket', 'h2c'),
      handshake().replace('GET', 'POST'),
      handshake().replace('HTTP/1.1', 'HTTP/1.0'),
    ]) {
      expect((await ask(bytes)).status).toBe(200);
      const request = lane.handled.at(-1)?.request;
      expect(request?.upgrade).toBeNull();
      expect(request?.header('upgrade')).toBeUndefined();
    }
  });

  it('duty 56: of another version is answered 426, which says the version that is taken', async () => {
    const handled = lane.handled.length;
    const response = await ask(handshake().replace('Version: 13', 'Version: 8'));
    expect(response.status).toBe(426);
    expect(response.json().error?.code).toBe('UPGRADE_REQUIRED');
    expect(response.header('upgrade')).toBe('websocket');
    expect(response.header('sec-websocket-version')).toBe('13');
    // RFC 9110 §7.8: Upgrade stands in Connection.
    expect(response.header('connection')).toBe('close, Upgrade');
    expect(lane.handled.length).toBe(handled);
  });

  it.each([
    ['no Host', handshake().replace('Host: a\r\n', ''), 400],
    ['two Hosts', handshake('/', 'Host: b\r\n'), 400],
    ['both length fields', handshake('/', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n'), 400],
    ['a space in a name', handshake('/', 'X : 1\r\n'), 400],
    ['too long a target', handshake(`/${'a'.repeat(9_000)}`), 414],
    ['too many fields', handshake('/', 'X: 1\r\n'.repeat(100)), 431],
    ['an unknown expectation', handshake('/', 'Expect: 101-switching\r\n'), 417],
    ['a bad key', handshake().replace(/Key: .*/, 'Key: AAAA'), 400],
  ])('goes through the checks of every request: %s', async (_what, bytes, status) => {
    const handled = lane.handled.length;
    expect((await ask(bytes)).status).toBe(status);
    expect(lane.handled.length).toBe(handled);
  });
});

describe('switchProtocols', () => {
  it('with a field that cannot be sent answers 500 instead and ends the upstream’s side', async () => {
    const ends: TunnelEnd[] = [];
    const tunnel = new Nowhere();
    await using lane = await TestLane.start((_, reply) =>
      reply.switchProtocols(['X', 'a\r\nb'], tunnel, 1_000, (end) => ends.push(end)),
    );
    await using client = await lane.connect();
    expect((await client.ask(handshake())).status).toBe(500);
    await until(() => ends.length === 1);
    expect(ends).toEqual([{ by: 'upstream', broken: true, bytesIn: 0, bytesOut: 0 }]);
    expect(tunnel.destroyed).toBe(true);
    expect(lane.reports.length).toBe(1);
  });

  it('for a client that has gone ends the upstream’s side', async () => {
    const { lane, gone } = await waitingLane();
    await using client = await lane.connect();
    client.send(handshake());
    await until(() => lane.handled.length === 1);
    client.reset();
    await until(() => gone.length === 1);
    const ends: TunnelEnd[] = [];
    const tunnel = new Nowhere();
    lane.handled[0]?.reply.switchProtocols([], tunnel, 1_000, (end) => ends.push(end));
    await until(() => ends.length === 1);
    expect(ends).toEqual([{ by: 'client', broken: true, bytesIn: 0, bytesOut: 0 }]);
    expect(tunnel.destroyed).toBe(true);
    await lane[Symbol.asyncDispose]();
  });

  it('to an upstream that has gone cuts the client, once', async () => {
    const ends: TunnelEnd[] = [];
    const tunnel = new Nowhere();
    tunnel.destroy();
    await new Promise(setImmediate);
    await using lane = await TestLane.start((_, reply) =>
      reply.switchProtocols([], tunnel, 1_000, (end) => ends.push(end)),
    );
    await using client = await lane.connect();
    client.send(handshake());
    await client.closed();
    await until(() => ends.length === 1 && lane.lane.connections === 0);
    expect(ends).toMatchObject([{ by: 'upstream', broken: true }]);
  });

  it('to an upstream that never takes its last bytes is over after the idle timeout, once the client has gone', async () => {
    const ends: TunnelEnd[] = [];
    class Stuck extends Nowhere {
      override _write() {}
    }
    const tunnel = new Stuck();
    await using lane = await TestLane.start((_, reply) =>
      reply.switchProtocols([], tunnel, 300, (end) => ends.push(end)),
    );
    await using client = await lane.connect();
    client.send(handshake());
    await client.waitFor('\r\n\r\n');
    tunnel.push(null);
    client.send('x');
    client.end();
    await client.closed();
    await until(() => lane.lane.connections === 0);
    await until(() => ends.length === 1);
    expect(ends).toEqual([{ by: 'upstream', broken: false, bytesIn: 1, bytesOut: 0 }]);
    expect(tunnel.destroyed).toBe(true);
  });

  it('for a request that asked for none is a mistake of the handler', async () => {
    await using lane = await TestLane.start((_, reply) =>
      reply.switchProtocols([], new Nowhere(), 1_000, () => {}),
    );
    await using client = await lane.connect();
    expect((await client.ask('GET / HTTP/1.1\r\nHost: a\r\n\r\n')).status).toBe(500);
    expect(lane.reports.length).toBe(1);
  });

  it('finishes the reply: nothing that is done to it afterwards matters', async () => {
    await using lane = await TestLane.start((_, reply) => {
      reply.switchProtocols([], new Nowhere(), 60_000, () => {});
      reply.interim(103, ['X', '1']);
      reply.head(200, '', []);
      reply.end(Buffer.from('x'));
      reply.abort();
      expect(reply.headSent && reply.closed).toBe(true);
    });
    await using client = await lane.connect();
    expect((await client.ask(handshake())).status).toBe(101);
    expect(client.unconsumed.length).toBe(0);
    expect(client.ended).toBeNull();
    expect(lane.reports).toEqual([]);
    expect(lane.lane.connections).toBe(1);
    answer(lane.handled[0]!.reply, 'x');
    expect(client.ended).toBeNull();
  });
});
