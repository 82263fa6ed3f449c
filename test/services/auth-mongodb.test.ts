import { describe, expect, it, vi } from 'vitest';
import { freePort } from '../helpers/free-port.ts';
import { callJson } from '../helpers/json-api.ts';
import { mongodbCommand } from '../helpers/mongodb-command.ts';
import { type RunningMongodb, startMongodb } from '../helpers/start-mongodb.ts';
import { type RunningService, startService } from '../helpers/start-service.ts';
import { type TemporaryFolder, temporaryFolder } from '../helpers/temporary-folder.ts';

const available = mongodbCommand() !== null;
if (!available) {
  console.warn(
    'auth-service on MongoDB: skipped. Install mongod, or set BREAKWATER_TEST_MONGODB_COMMAND to a command ' +
      'that runs a server on $PORT with its files in $DATA.',
  );
}

const password = 'correct horse battery';
const ada = { email: 'ada@example.org', password };

// A request that hangs fails here, long before the test's own time is up.
const post = (auth: RunningService, path: string, body: unknown) =>
  callJson(`${auth.url}/auth/${path}`, { body, signal: AbortSignal.timeout(20_000) });

async function breakerOf(auth: RunningService) {
  const health = await callJson(`${auth.url}/health`);
  expect(health.status).toBe(200);
  return { status: health.body.status, ...health.body.data['auth-database'].circuit_breaker };
}

const transitions = (auth: RunningService) =>
  auth.process.lines.map((line) => line.msg).filter((msg) => msg.startsWith('[CIRCUIT_BREAKER]'));

const opened = '[CIRCUIT_BREAKER] auth-database circuit breaker OPENED: max failures reached';
const halfOpen = '[CIRCUIT_BREAKER] auth-database circuit breaker HALF_OPEN: attempting recovery';
const closed = '[CIRCUIT_BREAKER] auth-database circuit breaker CLOSED: recovery successful';

interface Pair extends AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly mongodb: RunningMongodb;
  readonly auth: RunningService;
}

async function startPair(env: Record<string, string> = {}): Promise<Pair> {
  const folder = await temporaryFolder();
  const mongodb = await startMongodb({ data: folder.path });
  const auth = await startService('auth', {
    MONGODB_URL: mongodb.url,
    AUTH_DATABASE_TIMEOUT: '1s',
    ...env,
  });
  return {
    folder,
    mongodb,
    auth,
    async [Symbol.asyncDispose]() {
      await auth[Symbol.asyncDispose]();
      await mongodb[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Also when the first calls, which make connections and the index, take longer than their deadline. */
async function registerAda(auth: RunningService): Promise<void> {
  await vi.waitFor(async () => expect([201, 409]).toContain((await post(auth, 'register', ada)).status), {
    timeout: 60_000,
    interval: 250,
  });
}

/** Five logins that fail, one that is refused, and everything that tells so. */
async function expectToTrip(auth: RunningService): Promise<void> {
  for (let call = 1; call <= 5; call++) {
    expect(await breakerOf(auth)).toMatchObject({ state: 'CLOSED', failure_count: call - 1 });
    const answer = await post(auth, 'login', ada);
    expect([502, 504], JSON.stringify(answer.body)).toContain(answer.status);
    expect(answer.body.error.code).toBe(answer.status === 504 ? 'DATABASE_TIMEOUT' : 'DATABASE_FAILED');
  }
  const refused = await post(auth, 'login', ada);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(refused.body.error).toMatchObject({
    code: 'CIRCUIT_BREAKER_OPEN',
    message: 'authentication service temporarily unavailable',
    service: 'auth-database',
    state: 'OPEN',
  });
  expect(refused.body.error.request_id).toBe(refused.headers.get('x-request-id'));
  expect(await breakerOf(auth)).toMatchObject({ status: 'degraded', state: 'OPEN', failure_count: 5 });
  // The log takes another way than the answer and may come later.
  await expect.poll(() => transitions(auth)).toEqual([opened]);
}

async function expectToRecover(auth: RunningService): Promise<void> {
  await vi.waitFor(async () => expect((await post(auth, 'login', ada)).status).toBe(200), {
    timeout: 60_000,
    interval: 250,
  });
  expect(await breakerOf(auth)).toMatchObject({ status: 'healthy', state: 'CLOSED', failure_count: 0 });
  await expect.poll(() => transitions(auth).slice(-2)).toEqual([halfOpen, closed]);
}

describe.skipIf(!available)('auth-service on MongoDB', { timeout: 120_000 }, () => {
  it('registers, logs in, and has one user per email', async () => {
    await using pair = await startPair({ AUTH_DATABASE_TIMEOUT: '5s' });
    const { auth } = pair;
    const answers = await Promise.all(
      ['Ada@example.org', 'ada@EXAMPLE.org'].map((email) => post(auth, 'register', { email, password })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const login = await post(auth, 'login', ada);
    expect(login.status).toBe(200);
    const authorization = `Bearer ${login.body.access_token}`;
    const me = await callJson(`${auth.url}/auth/me`, { headers: { authorization } });
    expect(me.body).toEqual(answers.find(({ status }) => status === 201)?.body);
    // A taken email is an answer of the database, not a failure of it.
    for (let call = 0; call < 6; call++) {
      expect((await post(auth, 'register', ada)).body.error.code).toBe('EMAIL_TAKEN');
    }
    expect(await breakerOf(auth)).toMatchObject({ state: 'CLOSED', failure_count: 0 });
  });

  it('opens its breaker after exactly five failures when the database is killed, and recovers', async () => {
    await using pair = await startPair({ AUTH_DATABASE_OPEN_TIMEOUT: '5s' });
    const { auth, mongodb, folder } = pair;
    await registerAda(auth);
    await mongodb.process.kill('SIGKILL');
    await expectToTrip(auth);
    // What needs no database goes on.
    expect((await callJson(`${auth.url}/auth/jwks`)).status).toBe(200);
    expect((await callJson(`${auth.url}/health/ready`)).status).toBe(200);

    await using _again = await startMongodb({ data: folder.path, port: mongodb.port });
    await expectToRecover(auth);
  });

  it('bounds every call when the database stops in mid-air, opens, and recovers when it continues', async () => {
    await using pair = await startPair({ AUTH_DATABASE_OPEN_TIMEOUT: '5s' });
    const { auth, mongodb } = pair;
    await registerAda(auth);
    mongodb.process.signal('SIGSTOP');
    await expectToTrip(auth);
    mongodb.process.signal('SIGCONT');
    await expectToRecover(auth);
  });

  it('starts without its database and works once that is there', async () => {
    await using folder = await temporaryFolder();
    const port = await freePort();
    await using auth = await startService('auth', {
      MONGODB_URL: `mongodb://127.0.0.1:${port}/auth`,
      AUTH_DATABASE_TIMEOUT: '1s',
      AUTH_DATABASE_OPEN_TIMEOUT: '1s',
    });
    expect((await callJson(`${auth.url}/health/ready`)).status).toBe(200);
    expect((await post(auth, 'register', ada)).status).toBe(502);
    await using _mongodb = await startMongodb({ data: folder.path, port });
    await registerAda(auth);
    expect((await post(auth, 'login', ada)).status).toBe(200);
  });

  it('stops in order while its database does not answer', async () => {
    await using pair = await startPair();
    const { auth, mongodb } = pair;
    await registerAda(auth);
    mongodb.process.signal('SIGSTOP');
    expect(await auth.process.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
