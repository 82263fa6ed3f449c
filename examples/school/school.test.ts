import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../test/helpers/eventually.ts';
import { freePort } from '../../test/helpers/free-port.ts';
import type { JsonAnswer } from '../../test/helpers/json-api.ts';
import { RealProgram } from '../../test/helpers/real-program.ts';
import { checkFile, type RunningBreakwater, startBreakwater } from '../../test/helpers/start-breakwater.ts';

const FILE = 'examples/school/gateway.yaml';
const ann = { email: 'ann@example.com', password: 'correct horse battery staple' };

describe('breakwater check', () => {
  it.each([
    ['standard', {}, 'opens after 5 failures in a row, for 60s'],
    ['development', { BREAKWATER_PROFILE: 'development' }, 'opens after 3 failures in a row, for 30s'],
    ['production', { BREAKWATER_PROFILE: 'production' }, 'opens after 10 failures in a row, for 120s'],
  ])('finds the file right, with every breaker as the profile %s says', async (_, env, rule) => {
    const { code, output } = await checkFile(FILE, env);
    expect(output).toContain(`${FILE} is right`);
    for (const service of ['auth', 'school', 'student']) {
      expect(output).toMatch(new RegExp(` ${service}-service-http +${rule}`));
    }
    expect(output).toMatch(
      /\/schools\/\* +retry\(2, 20%\) → bulkhead\(school\) → breaker\(school-service-http\)/,
    );
    expect(output).toMatch(/\/auth\/\* +bulkhead\(auth\) → breaker\(auth-service-http\)/);
    expect(code).toBe(0);
  });

  it('knows a profile that is misspelt', async () => {
    const { code, output } = await checkFile(FILE, { BREAKWATER_PROFILE: 'produktion' });
    expect(output).toContain('did you mean "production"');
    expect(code).toBe(1);
  });
});

describe('the school system behind its gateway', { timeout: 90_000 }, () => {
  let auth: RealProgram;
  let school: RealProgram;
  let student: RealProgram;
  let gateway: RunningBreakwater;

  function openGateway(env: Readonly<Record<string, string>>): Promise<RunningBreakwater> {
    return startBreakwater(FILE, {
      AUTH_SERVICE_URL: auth.url,
      SCHOOL_SERVICE_URL: school.url,
      STUDENT_SERVICE_URL: student.url,
      ...env,
    });
  }

  const login = (at = gateway): Promise<JsonAnswer> => at.call('/auth/login', { body: ann });

  beforeAll(async () => {
    const grpc = String(await freePort());
    [auth, school, student] = await Promise.all([
      RealProgram.start('services/auth/main.ts'),
      RealProgram.start('services/school/main.ts', { GRPC_PORT: grpc }),
      RealProgram.start('services/student/main.ts', { SCHOOL_GRPC_URL: `http://127.0.0.1:${grpc}` }),
    ]);
    gateway = await openGateway({
      BREAKWATER_BREAKER_AUTH_OPEN_TIMEOUT: '2s',
      BREAKWATER_BREAKER_SCHOOL_OPEN_TIMEOUT: '2s',
      BREAKWATER_BREAKER_SCHOOL_REQUEST_TIMEOUT: '2s',
      HEALTH_INTERVAL: '200ms',
      MAX_CONCURRENT: '6',
      MAX_QUEUED: '2',
    });
  }, 120_000);

  afterEach(async () => {
    await Promise.all([auth, school, student].map((service) => service.bringBack()));
    expect((await gateway.admin('POST', '/breakers/reset')).status).toBe(200);
  }, 60_000);

  afterAll(async () => {
    for (const part of [gateway, student, school, auth]) await part?.[Symbol.asyncDispose]();
  });

  it('serves everybody while all is well', async () => {
    expect((await gateway.call('/auth/register', { body: ann })).status).toBe(201);
    expect((await login()).body.token_type).toBe('Bearer');
    const harbour = await gateway.call('/schools', { body: { name: 'Harbour School' } });
    expect(harbour.headers.get('x-circuit-breaker-school')).toBe('CLOSED');
    const pupil = { name: 'Ben', school_id: harbour.body.id };
    expect((await gateway.call('/students', { body: pupil })).status).toBe(201);
    expect((await gateway.call('/health')).body).toMatchObject({
      message: 'All services are healthy',
      data: { auth: { bulkhead: { max_concurrent: 67 } }, student: { bulkhead: { max_concurrent: 6 } } },
    });
  });

  it('refuses the sixth login when auth is down, keeps the others going, and takes auth back', async () => {
    await auth.kill();
    for (let call = 0; call < 5; call++) expect((await login()).status).toBe(502);
    const sixth = await login();
    expect(sixth.status).toBe(503);
    expect(sixth.body.error).toMatchObject({
      code: 'CIRCUIT_BREAKER_OPEN',
      message: 'Service is temporarily unavailable due to circuit breaker',
      service: 'auth',
      circuit_breaker: 'auth-service-http',
    });
    expect(sixth.headers.get('retry-after')).toMatch(/^[12]$/);
    expect(sixth.headers.get('x-circuit-breaker-auth')).toBe('OPEN');

    const health = await gateway.call('/health');
    expect(health.status).toBe(200);
    expect(health.body).toMatchObject({ message: 'Some services are degraded', status: 'degraded' });
    expect(health.body.data).toMatchObject({
      auth: { status: 'unhealthy', circuit_breaker: { state: 'OPEN', failure_count: 5 } },
      school: { status: 'healthy', circuit_breaker: { state: 'CLOSED' } },
      student: { status: 'healthy', circuit_breaker: { state: 'CLOSED' } },
    });
    for (const path of ['/schools', '/students']) {
      const answer = await gateway.call(path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-system-degraded')).toBe('true');
    }

    await auth.bringBack();
    await eventually(async () => expect([200, 401]).toContain((await login()).status), 30_000);
    expect(await gateway.health('auth')).toMatchObject({ status: 'healthy' });
    await eventually(() => {
      const seen = gateway.transitions('auth-service-http');
      expect(seen.slice(0, 2)).toEqual(['OPENED: max failures reached', 'HALF_OPEN: attempting recovery']);
      expect(seen.at(-1)).toBe('CLOSED: recovery successful');
    });
  });

  it('bounds what waits for a school service that hangs, opens, and takes it back', async () => {
    school.freeze();
    const done: string[] = [];
    const calls = Array.from({ length: 10 }, async () => {
      const { status, body } = await gateway.call('/schools');
      done.push(`${status} ${body.error.code}`);
    });
    // Six slots and two places in the line: the other two are told while the six still hope.
    await eventually(() => expect(done.slice(0, 2)).toEqual(['503 BULKHEAD_FULL', '503 BULKHEAD_FULL']));
    expect((await gateway.call('/students')).status).toBe(200);
    expect([200, 401]).toContain((await login()).status);
    await Promise.all(calls);
    expect(done.filter((answer) => answer === '504 UPSTREAM_TIMEOUT').length).toBeGreaterThanOrEqual(5);
    expect(await gateway.health('school')).toMatchObject({
      status: 'unhealthy',
      circuit_breaker: { state: 'OPEN' },
      bulkhead: { in_use: 0, max_concurrent: 6 },
    });

    school.thaw();
    await eventually(async () => expect((await gateway.call('/schools')).status).toBe(200), 30_000);
    expect(await gateway.health('school')).toMatchObject({
      status: 'healthy',
      circuit_breaker: { state: 'CLOSED' },
      recovery_ms: expect.any(Number),
    });
  });

  it('tries a read twice and a login once', async () => {
    await Promise.all([school.kill(), auth.kill()]);
    expect((await gateway.call('/schools')).status).toBe(502);
    expect((await login()).status).toBe(502);
    expect((await gateway.health('school')).circuit_breaker.failure_count).toBe(2);
    expect((await gateway.health('auth')).circuit_breaker.failure_count).toBe(1);
  });

  it('sees that a service is gone, and back, while nobody asks for it', async () => {
    const targetStatus = async () => (await gateway.health('student')).targets[0].status;
    await student.kill();
    await eventually(async () => expect(await targetStatus()).toBe('unhealthy'), 30_000);
    expect((await gateway.health('student')).circuit_breaker.state).toBe('CLOSED');
    const line = `[TARGET] student ${student.url} UNHEALTHY`;
    await gateway.process.waitForLine(({ msg }) => msg.startsWith(line));
    await student.bringBack();
    await eventually(async () => expect(await targetStatus()).toBe('healthy'), 30_000);
  });

  it('opens as the profile says, and one breaker as its variable says', async () => {
    await using impatient = await openGateway({
      BREAKWATER_PROFILE: 'development',
      BREAKWATER_BREAKER_AUTH_FAILURE_THRESHOLD: '2',
    });
    await Promise.all([auth.kill(), student.kill()]);
    const add = () => impatient.call('/students', { body: {} });
    const statuses: number[] = [];
    for (let call = 0; call < 3; call++) statuses.push((await login(impatient)).status);
    expect(statuses).toEqual([502, 502, 503]);
    expect((await impatient.health('auth')).circuit_breaker.rules).toBe(
      'opens after 2 failures in a row, for 30s',
    );
    expect((await impatient.health('student')).circuit_breaker.rules).toBe(
      'opens after 3 failures in a row, for 30s',
    );
    // Nothing was sent, so that even a POST is tried twice; the third failure opens before the second one's retry.
    expect([(await add()).status, (await add()).status]).toEqual([502, 503]);
    expect((await impatient.health('student')).circuit_breaker.state).toBe('OPEN');
  });
});
