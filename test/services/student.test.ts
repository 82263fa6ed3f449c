import { describe, expect, it, vi } from 'vitest';
import { type FakeSchool, type SchoolBehaviour, startFakeSchool } from '../helpers/fake-school.ts';
import { callJson, type JsonRequest } from '../helpers/json-api.ts';
import { type RunningService, startService } from '../helpers/start-service.ts';

const someId = '11111111-1111-4111-8111-111111111111';

function enrol(student: RunningService, request: JsonRequest = {}) {
  return callJson(`${student.url}/students`, { body: { name: 'Ada', school_id: someId }, ...request });
}

async function breakerOf(student: RunningService) {
  const health = await callJson(`${student.url}/health`);
  expect(health.status).toBe(200);
  return { status: health.body.status, ...health.body.data['school-service-grpc'].circuit_breaker };
}

const transitions = (student: RunningService) =>
  student.process.lines.map((line) => line.msg).filter((msg) => msg.startsWith('[CIRCUIT_BREAKER]'));

interface Pair extends AsyncDisposable {
  readonly school: FakeSchool;
  readonly student: RunningService;
}

async function startPair(env: Record<string, string> = {}): Promise<Pair> {
  const school = await startFakeSchool();
  const student = await startService('student', { SCHOOL_GRPC_URL: school.url, ...env });
  return {
    school,
    student,
    async [Symbol.asyncDispose]() {
      await student[Symbol.asyncDispose]();
      await school[Symbol.asyncDispose]();
    },
  };
}

describe('student-service', () => {
  it('makes, shows, replaces, changes and deletes a student of a school that exists', async () => {
    await using school = await startService('school');
    await using student = await startService('student', { SCHOOL_GRPC_URL: school.grpcUrl ?? '' });
    const { body: north } = await callJson(`${school.url}/schools`, { body: { name: 'North' } });

    const made = await enrol(student, {
      body: { name: 'Ada', school_id: north.id, email: 'ada@example.org' },
    });
    expect(made.status).toBe(201);
    const url = `${student.url}${made.headers.get('location')}`;
    expect((await callJson(url)).body).toEqual(made.body);
    const renamed = await callJson(url, { method: 'PATCH', body: { name: 'Ada L.' } });
    expect(renamed.body).toMatchObject({ name: 'Ada L.', email: 'ada@example.org', school_id: north.id });
    const replaced = await callJson(url, { method: 'PUT', body: { name: 'Ada', school_id: north.id } });
    expect(replaced.body).not.toHaveProperty('email');
    expect((await callJson(`${student.url}/students`)).body.page.total).toBe(1);
    expect((await callJson(url, { method: 'DELETE' })).status).toBe(204);
    expect((await callJson(url)).body.error.code).toBe('STUDENT_NOT_FOUND');
  });

  it.each([someId, 'no-uuid'])(
    'refuses the school %s, which real school-service does not know',
    async (id) => {
      await using school = await startService('school');
      await using student = await startService('student', { SCHOOL_GRPC_URL: school.grpcUrl ?? '' });
      const answer = await enrol(student, { body: { name: 'Ada', school_id: id } });
      expect(answer.status).toBe(422);
      expect(answer.body.error).toMatchObject({ code: 'SCHOOL_NOT_FOUND', fields: [{ field: 'school_id' }] });
      expect((await callJson(`${student.url}/students`)).body.page.total).toBe(0);
    },
  );

  it('asks for the school of a student who moves, and of nobody else', async () => {
    await using pair = await startPair();
    const { school, student } = pair;
    const made = await enrol(student);
    const url = `${student.url}/students/${made.body.id}`;
    expect(school.calls).toHaveLength(1);

    school.behaviour = 'missing';
    expect((await callJson(url, { method: 'PATCH', body: { name: 'New' } })).status).toBe(200);
    const stay = { name: 'Newer', school_id: someId };
    expect((await callJson(url, { method: 'PUT', body: stay })).status).toBe(200);
    expect(school.calls).toHaveLength(1);

    for (const method of ['PUT', 'PATCH']) {
      const moved = await callJson(url, { method, body: { name: 'Moved', school_id: 'elsewhere' } });
      expect(moved.body.error.code).toBe('SCHOOL_NOT_FOUND');
    }
    expect(school.calls.map(({ id }) => id)).toEqual([someId, 'elsewhere', 'elsewhere']);
    expect((await callJson(url)).body).toMatchObject(stay);
  });

  it('checks the fields before it asks anybody', async () => {
    await using pair = await startPair();
    const answer = await enrol(pair.student, { body: { name: '', email: 'no' } });
    expect(answer.status).toBe(400);
    expect(answer.body.error.fields.map(({ field }: { field: string }) => field)).toEqual([
      'name',
      'school_id',
      'email',
    ]);
    expect(pair.school.calls).toHaveLength(0);
  });
});

describe('the breaker school-service-grpc', () => {
  const failures: [SchoolBehaviour, number][] = [
    ['Unavailable', 502],
    ['Internal', 502],
    ['Unknown', 502],
    ['DeadlineExceeded', 504],
  ];
  it.each(failures)('opens after exactly three %s, each answered with %i', async (behaviour, status) => {
    await using pair = await startPair();
    const { school, student } = pair;
    school.behaviour = behaviour;
    for (let call = 1; call <= 3; call++) {
      expect(await breakerOf(student)).toMatchObject({ state: 'CLOSED', failure_count: call - 1 });
      const answer = await enrol(student);
      expect(answer.status).toBe(status);
      expect(answer.body.error.code).toBe(
        status === 504 ? 'SCHOOL_SERVICE_TIMEOUT' : 'SCHOOL_SERVICE_FAILED',
      );
    }
    const refused = await enrol(student);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(30);
    expect(refused.body.error).toMatchObject({
      code: 'CIRCUIT_BREAKER_OPEN',
      message: 'school service temporarily unavailable',
      service: 'school-service-grpc',
      state: 'OPEN',
    });
    expect(school.calls).toHaveLength(3);
    expect(await breakerOf(student)).toMatchObject({ status: 'degraded', state: 'OPEN', failure_count: 3 });
    // The log takes another way than the answer and may come later.
    await expect
      .poll(() => transitions(student))
      .toEqual(['[CIRCUIT_BREAKER] school-service-grpc circuit breaker OPENED: max failures reached']);
    // What needs no school goes on.
    expect((await callJson(`${student.url}/students`)).status).toBe(200);
    expect((await callJson(`${student.url}/health/ready`)).status).toBe(200);
  });

  it.each<SchoolBehaviour>(['NotFound', 'InvalidArgument', 'missing'])(
    'takes %s for an answer',
    async (behaviour) => {
      await using pair = await startPair();
      pair.school.behaviour = behaviour;
      for (let call = 0; call < 5; call++) expect((await enrol(pair.student)).status).toBe(422);
      expect(await breakerOf(pair.student)).toMatchObject({ state: 'CLOSED', failure_count: 0 });
    },
  );

  it('lets the caller shorten the deadline, and passes it on', async () => {
    await using pair = await startPair();
    await enrol(pair.student, { headers: { 'x-request-timeout-ms': '1500' } });
    await enrol(pair.student, { headers: { 'x-request-timeout-ms': '900000' } });
    const [shortened, own] = pair.school.calls.map(({ timeoutMs }) => timeoutMs ?? 0);
    expect(shortened).toBeGreaterThan(0);
    expect(shortened).toBeLessThanOrEqual(1500);
    expect(own).toBeGreaterThan(0);
    expect(own).toBeLessThanOrEqual(2000);
    const wrong = await enrol(pair.student, { headers: { 'x-request-timeout-ms': '-1' } });
    expect(wrong.status).toBe(400);
  });

  it('is not opened by callers that wait too short to tell', async () => {
    await using pair = await startPair();
    pair.school.behaviour = 'hangs';
    for (let call = 0; call < 4; call++) {
      const answer = await enrol(pair.student, { headers: { 'x-request-timeout-ms': '20' } });
      expect(answer.status).toBe(504);
    }
    expect(await breakerOf(pair.student)).toMatchObject({ state: 'CLOSED', failure_count: 0 });
  });

  it('is not opened by callers that go away', async () => {
    await using pair = await startPair({ SCHOOL_GRPC_TIMEOUT: '60s' });
    const { school, student } = pair;
    school.behaviour = 'hangs';
    for (let call = 1; call <= 4; call++) {
      const leaving = new AbortController();
      const answer = enrol(student, { signal: leaving.signal }).catch(() => 'left');
      await vi.waitFor(() => expect(school.calls).toHaveLength(call), { timeout: 15_000 });
      leaving.abort();
      expect(await answer).toBe('left');
    }
    school.behaviour = 'exists';
    expect((await enrol(student)).status).toBe(201);
    expect(await breakerOf(student)).toMatchObject({ state: 'CLOSED', failure_count: 0 });
  });

  it('opens on a killed school-service and closes once it is back', async () => {
    await using school = await startService('school');
    await using student = await startService('student', {
      SCHOOL_GRPC_URL: school.grpcUrl ?? '',
      SCHOOL_GRPC_OPEN_TIMEOUT: '2s',
    });
    expect((await enrol(student)).status).toBe(422);
    await school.process.kill('SIGKILL');
    for (let call = 0; call < 3; call++) expect((await enrol(student)).status).toBe(502);
    expect((await breakerOf(student)).state).toBe('OPEN');

    await using back = await startService('school', { GRPC_PORT: String(school.grpcPort) });
    const { body: north } = await callJson(`${back.url}/schools`, { body: { name: 'North' } });
    const body = { name: 'Ada', school_id: north.id };
    await vi.waitFor(async () => expect((await enrol(student, { body })).status).toBe(201), {
      timeout: 60_000,
      interval: 200,
    });
    await expect
      .poll(() => transitions(student).slice(-2))
      .toEqual([
        '[CIRCUIT_BREAKER] school-service-grpc circuit breaker HALF_OPEN: attempting recovery',
        '[CIRCUIT_BREAKER] school-service-grpc circuit breaker CLOSED: recovery successful',
      ]);
  }, 90_000);

  it('bounds every call to a stopped school-service, opens, and recovers when it continues', async () => {
    await using school = await startService('school');
    await using student = await startService('student', {
      SCHOOL_GRPC_URL: school.grpcUrl ?? '',
      SCHOOL_GRPC_TIMEOUT: '1s',
      SCHOOL_GRPC_OPEN_TIMEOUT: '2s',
    });
    const { body: north } = await callJson(`${school.url}/schools`, { body: { name: 'North' } });
    const body = { name: 'Ada', school_id: north.id };
    expect((await enrol(student, { body })).status).toBe(201);
    school.process.signal('SIGSTOP');
    for (let call = 0; call < 3; call++) {
      const answer = await enrol(student, { body, signal: AbortSignal.timeout(15_000) });
      expect(answer.status).toBe(504);
      expect(answer.body.error.code).toBe('SCHOOL_SERVICE_TIMEOUT');
    }
    expect((await breakerOf(student)).state).toBe('OPEN');
    school.process.signal('SIGCONT');
    await vi.waitFor(async () => expect((await enrol(student, { body })).status).toBe(201), {
      timeout: 60_000,
      interval: 200,
    });
    expect((await breakerOf(student)).state).toBe('CLOSED');
  }, 90_000);
});
