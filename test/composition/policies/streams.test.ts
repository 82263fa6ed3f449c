import { describe, expect, it } from 'vitest';
import { answerWith, get } from '../../helpers/gateway-path.ts';
import { handling, once, PolicyPath, SWITCHED, upgrade } from './policy-path.ts';

const grpcHead = (more = '') =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/grpc+proto\r\n${more}Transfer-Encoding: chunked\r\n\r\n`;
const grpcEnd = (status: number | string) => `3\r\nabc\r\n0\r\nGrpc-Status: ${status}\r\n\r\n`;

describe('a long stream', () => {
  const SLOW = 'window: 1h, min_requests: 10, slow_call: { duration: 300ms, rate: 100% }';

  it('of events is a success at its head, whatever becomes of it', async () => {
    await using path = await once((connection) =>
      connection.send('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n'),
    );
    const client = await path.connect();
    client.send(get());
    await client.waitFor('data: 1');
    await path.judged({ successes: 1 });
    path.upstream.connections[0]?.reset();
    await client.closed();
    await path.judged({ successes: 1 });
  });

  it('of events with a bad status is a failure all the same', async () => {
    await using path = await once((connection) =>
      connection.send(answerWith('data: 1', ['Content-Type: text/event-stream'], '500 Bad')),
    );
    await path.ask(get());
    await path.judged({ failures: 1 });
  });

  it('of events closes the breaker when it is the half-open probe', async () => {
    await using raw = await handling((connection, _request, nth) => {
      if (nth === 0) connection.send(answerWith('bad', [], '500 Bad'));
      else connection.send('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n');
    });
    await using path = await PolicyPath.start(
      { api: raw },
      { breakers: { api: 'failure_threshold: 1, open_timeout: 50ms' } },
    );
    expect((await path.ask(get())).status).toBe(500);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const client = await path.connect();
    client.send(get());
    await client.waitFor('data: 1');
    expect((await path.breaker()).state).toBe('CLOSED');
  });

  it.each([
    ['download', 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npart'],
    ['event stream', 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 8\r\n\r\npart'],
  ])('(%s) is not slow, however long it takes', async (_name, head) => {
    await using path = await once((connection) => {
      connection.send(head);
      setTimeout(() => connection.send('rest'), 700);
    }, SLOW);
    expect((await path.ask(get())).body.toString()).toBe('partrest');
    await path.judged({ successes: 1, slow: 0 });
  });

  it('whose client leaves counts nowhere', async () => {
    await using path = await once(
      (connection) => connection.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart'),
      SLOW,
    );
    const client = await path.connect();
    client.send(get());
    await client.waitFor('part');
    await new Promise((resolve) => setTimeout(resolve, 500));
    client.reset();
    await path.judged({ excluded: 1, slow: 0 });
  });

  it('through a WebSocket is a success at the 101, and not slow', async () => {
    await using path = await once((connection) => connection.send(SWITCHED), `${SLOW}, request_timeout: 5s`);
    const client = await path.connect();
    client.send(upgrade());
    await client.waitFor('101');
    await path.judged({ successes: 1 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    client.reset();
    await path.idle();
    await path.judged({ successes: 1, slow: 0 });
  });
});

describe('gRPC', () => {
  it.each([
    ['14 in the trailers is a failure', grpcHead() + grpcEnd(14), '', { failures: 1 }],
    ['0 in the trailers is a success', grpcHead() + grpcEnd(0), '', { successes: 1 }],
    ['5 in the trailers is a success', grpcHead() + grpcEnd(5), '', { successes: 1 }],
    ['5 is a failure if configured', grpcHead() + grpcEnd(5), 'failure_grpc_statuses: [5]', { failures: 1 }],
    [
      '14 in the head (trailers only) is a failure',
      answerWith('', ['Content-Type: application/grpc', 'Grpc-Status: 14']),
      '',
      { failures: 1 },
    ],
    [
      '0 in the head (trailers only) is a success',
      answerWith('', ['Content-Type: application/grpc', 'Grpc-Status: 0']),
      '',
      { successes: 1 },
    ],
    [
      '14 in the trailers of an answer that is not gRPC says nothing',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${grpcEnd(14)}`,
      '',
      { successes: 1 },
    ],
    [
      '14 of an answer that is not gRPC says nothing',
      answerWith('', ['Content-Type: text/plain', 'Grpc-Status: 14']),
      '',
      { successes: 1 },
    ],
  ])('%s', async (_name, answer, breaker, verdict) => {
    await using path = await once((connection) => connection.send(answer), breaker);
    await path.ask(get());
    await path.judged(verdict);
  });
});
