import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { callJson } from '../helpers/json-api.ts';
import { type ServiceName, startService } from '../helpers/start-service.ts';

const services: readonly ServiceName[] = ['auth', 'school', 'student'];

/**
 * A POST whose head has arrived and whose body is withheld until `finish`: a request that runs for as long as a test
 * likes. The server's `100 Continue` is the proof that it runs.
 */
async function slowPost(port: number, path: string, body: string) {
  const outgoing = request({
    host: '127.0.0.1',
    port,
    path,
    method: 'POST',
    agent: new Agent({ keepAlive: true }),
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      expect: '100-continue',
    },
  });
  const answer = once(outgoing, 'response');
  answer.catch(() => undefined);
  outgoing.flushHeaders();
  await once(outgoing, 'continue');
  return {
    async finish(): Promise<number | undefined> {
      outgoing.end(body);
      const [response] = await answer;
      response.resume();
      return response.statusCode;
    },
  };
}

describe.each(services)('the process of %s-service', (name) => {
  it('exits 1 and names variable, value and what is expected, for all mistakes at once', async () => {
    const failure = await startService(name, {
      PORT: '80a80',
      LOG_LEVEL: 'loud',
      SHUTDOWN_TIMEOUT: '10',
    }).then(
      () => null,
      (error: Error) => error.message,
    );
    expect(failure).toContain(
      `${name}-service: PORT="80a80" is not valid: expected an integer from 0 to 65535`,
    );
    expect(failure).toContain('LOG_LEVEL="loud" is not valid: expected one of trace, debug,');
    expect(failure).toContain(
      'SHUTDOWN_TIMEOUT="10" is not valid: expected a duration such as 250ms, 2s or 5m',
    );
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('exits 0 on %s', async (signal) => {
    await using service = await startService(name);
    expect(await service.process.kill(signal)).toEqual({ code: 0, signal: null });
  });
});

describe('stopping', () => {
  it('lets a running request finish, closes idle connections and accepts no new ones', async () => {
    // Longer than the test may take: nothing here ends because of it.
    await using service = await startService('school', { SHUTDOWN_TIMEOUT: '5m' });
    const slow = await slowPost(service.port, '/schools', '{"name":"Late"}');
    const idle = connect(service.port, '127.0.0.1');
    await once(idle, 'connect');
    const closed = once(idle.resume(), 'close');

    service.process.signal('SIGTERM');
    await service.process.waitForLine((line) => line.msg === 'stopping');
    await closed;
    await expect(callJson(`${service.url}/health`)).rejects.toThrow();
    expect(await slow.finish()).toBe(201);
    expect(await service.process.exited).toEqual({ code: 0, signal: null });
  });

  it('waits no longer than SHUTDOWN_TIMEOUT for a request that does not finish', async () => {
    await using service = await startService('school', { SHUTDOWN_TIMEOUT: '100ms' });
    await slowPost(service.port, '/schools', '{"name":"Never"}');
    expect(await service.process.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(service.process.output).toContain('requests did not finish in time');
  });

  it('ends at once on a second signal', async () => {
    await using service = await startService('school', { SHUTDOWN_TIMEOUT: '5m' });
    await slowPost(service.port, '/schools', '{"name":"Never"}');
    service.process.signal('SIGTERM');
    await service.process.waitForLine((line) => line.msg === 'stopping');
    expect(await service.process.kill('SIGTERM')).toEqual({ code: 143, signal: null });
  });
});

describe('starting', () => {
  it('says that the port is taken and exits', async () => {
    await using service = await startService('school');
    await expect(startService('school', { PORT: String(service.port) })).rejects.toThrow(
      /school-service could not start: listen EADDRINUSE/,
    );
  });

  it.each([
    'http://root:hunter2@db/auth',
    'mongodb://root:hunter2@db:port/auth',
    'mongodb://root:@hunter2@db/auth',
    'mongodb://root:hunter2@db/auth?retryReads=perhaps',
  ])('never prints the password of a URL that it refuses: %s', async (url) => {
    const failure = await startService('auth', { MONGODB_URL: url }).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(failure).toContain(
      `MONGODB_URL="${url.replace(/root:@?hunter2/, '***')}" is not valid: expected a MongoDB`,
    );
    expect(failure).not.toContain('hunter2');
  });
});
