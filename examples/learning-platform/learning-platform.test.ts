import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../test/helpers/eventually.ts';
import type { JsonAnswer } from '../../test/helpers/json-api.ts';
import { RealProgram } from '../../test/helpers/real-program.ts';
import { checkFile, type RunningBreakwater, startBreakwater } from '../../test/helpers/start-breakwater.ts';
import { type TemporaryFolder, temporaryFolder } from '../../test/helpers/temporary-folder.ts';

const FOLDER = 'examples/learning-platform';
const FILE = `${FOLDER}/gateway.yaml`;
const ann = { name: 'ann', password: 'correct horse battery staple' };

describe('breakwater check', () => {
  const courses = '/courses +fallback';
  it.each([
    ['production', {}, 'stale 5m, static 200'],
    ['development', { BREAKWATER_PROFILE: 'development' }, 'stale 5m, static 200, mock 200'],
  ])('finds the file right, and its breakers the same, in %s', async (_, env, chain) => {
    const { code, output } = await checkFile(FILE, env);
    expect(output).toContain(`${FILE} is right`);
    expect(output).toMatch(/ database +opens after 3 failures among at least 5 calls within 30s, for 15s/);
    expect(output).toMatch(/ cache +opens after 5 failures among at least 10 calls within 60s, for 10s/);
    expect(output).toMatch(/ auth +opens after 3 failures in a row, for 20s/);
    expect(output).toMatch(/ external-api +opens after 5 failures in a row, for 30s/);
    expect(output).toMatch(
      new RegExp(`${courses}\\(${chain}\\) → bulkhead\\(read\\) → breaker\\(database\\)`),
    );
    expect(code).toBe(0);
  });
});

describe('the learning platform behind its gateway', { timeout: 90_000 }, () => {
  let folder: TemporaryFolder;
  let databaseFile: string;
  let course: RealProgram;
  let search: RealProgram;
  let auth: RealProgram;
  let recommendation: RealProgram;
  let gateway: RunningBreakwater;

  function openGateway(env: Readonly<Record<string, string>>): Promise<RunningBreakwater> {
    return startBreakwater(FILE, {
      COURSE_SERVICE_URL: course.url,
      SEARCH_SERVICE_URL: search.url,
      AUTH_SERVICE_URL: auth.url,
      RECOMMENDATION_API_URL: recommendation.url,
      ...env,
    });
  }

  beforeAll(async () => {
    folder = await temporaryFolder();
    databaseFile = join(folder.path, 'courses.sqlite');
    [course, search, auth, recommendation] = await Promise.all([
      RealProgram.start(`${FOLDER}/course-service.ts`, { DATABASE_FILE: databaseFile }),
      RealProgram.start(`${FOLDER}/search-service.ts`),
      RealProgram.start(`${FOLDER}/auth-service.ts`),
      RealProgram.start(`${FOLDER}/recommendation-service.ts`),
    ]);
    gateway = await openGateway({
      BREAKWATER_BREAKER_COURSE_OPEN_TIMEOUT: '2s',
      BREAKWATER_BREAKER_COURSE_REQUEST_TIMEOUT: '3s',
      WRITE_POOL: '2',
    });
  }, 120_000);

  afterEach(async () => {
    await Promise.all([course, search, auth, recommendation].map((program) => program.bringBack()));
    const reset = await gateway.admin('POST', '/api/admin/reset-circuit-breakers');
    expect(reset.status).toBe(200);
  }, 60_000);

  afterAll(async () => {
    for (const part of [gateway, course, search, auth, recommendation, folder])
      await part?.[Symbol.asyncDispose]();
  });

  const enrol = (): Promise<JsonAnswer> =>
    gateway.call('/enrolments', { body: { course: 'algebra', student: 'ann' } });

  const breakerOf = async (service: string) => (await gateway.health(service)).circuit_breaker;

  /** The same lock that a migration, or a copy of the file, would take. */
  function lockDatabase(): Disposable {
    const other = new DatabaseSync(databaseFile);
    other.exec('BEGIN EXCLUSIVE');
    return { [Symbol.dispose]: () => other.close() };
  }

  it('answers live while all is well, and says so', async () => {
    const answer = await gateway.call('/courses');
    expect(answer.body.courses).toHaveLength(4);
    expect(answer.headers.get('x-fallback')).toBeNull();
    expect(answer.headers.get('x-circuit-breaker-course')).toBe('CLOSED');
    expect(answer.headers.get('x-system-degraded')).toBe('false');
    expect((await enrol()).status).toBe(201);
    expect((await gateway.call('/auth/register', { body: ann })).status).toBe(201);
    expect((await gateway.call('/auth/login', { body: ann })).body.token).toMatch(/^\S+\.\S+$/);
    expect((await gateway.call('/search?q=networks')).body.found).toEqual(['networks', 'databases']);
    expect((await gateway.call('/recommendations/algebra')).body).toEqual({ recommended: ['analysis'] });
    expect((await gateway.call('/health')).body.message).toBe('All services are healthy');
  });

  it('gives the database up after three failures, but not before five calls, and takes it back', async () => {
    expect((await gateway.call('/courses/algebra')).body.title).toBe('Linear algebra');
    {
      using _ = lockDatabase();
      for (let call = 0; call < 3; call++) {
        const answer = await enrol();
        expect([answer.status, answer.body.error]).toEqual([500, 'database is locked']);
      }
      expect(await breakerOf('course')).toMatchObject({
        state: 'CLOSED',
        failure_rate: 75,
        failure_count: 3,
      });
      expect((await enrol()).status).toBe(500);
      const refused = await enrol();
      expect(refused.status).toBe(503);
      expect(refused.body.error).toMatchObject({ code: 'CIRCUIT_BREAKER_OPEN', circuit_breaker: 'database' });
      expect(refused.headers.get('x-circuit-breaker-course')).toBe('OPEN');
      expect(refused.headers.get('x-system-degraded')).toBe('true');

      const read = await gateway.call('/courses/algebra');
      expect([read.status, read.body.title]).toEqual([200, 'Linear algebra']);
      expect(read.headers.get('x-fallback')).toBe('stale');
    }
    await eventually(async () => expect((await enrol()).status).toBe(201), 30_000);
    await eventually(() => {
      const recovery = ['HALF_OPEN: attempting recovery', 'CLOSED: recovery successful'];
      expect(gateway.transitions('database').slice(-2)).toEqual(recovery);
    });
    const health = await gateway.health('course');
    expect(health.status).toBe('healthy');
    expect(health.recovery_ms).toBeGreaterThanOrEqual(2_000);
    expect(health.availability).toBeGreaterThan(0);
    expect(health.availability).toBeLessThan(100);
  });

  it('in production answers with what was live, else with what never changes, and never with a mock', async () => {
    expect((await gateway.call('/courses')).headers.get('x-fallback')).toBeNull();
    {
      using _ = lockDatabase();
      const unseen = await gateway.call('/courses?page=2');
      expect([unseen.status, unseen.body.error]).toEqual([500, 'database is locked']);
    }
    await course.kill();
    const stale = await gateway.call('/courses');
    expect([stale.status, stale.headers.get('x-fallback')]).toEqual([200, 'stale']);
    expect(stale.body.courses).toHaveLength(4);
    const fixed = await gateway.call('/courses?page=3');
    expect([fixed.status, fixed.headers.get('x-fallback')]).toEqual([200, 'static']);
    expect(fixed.body.courses).toEqual([{ id: 'orientation', title: 'How to study here' }]);
    expect(fixed.headers.get('x-system-degraded')).toBe('true');
    const nothing = await gateway.call('/courses/networks');
    expect([nothing.status, nothing.headers.get('x-fallback')]).toEqual([502, null]);

    const { body } = await gateway.call('/health');
    expect(body.fallback_routes).toContain('/courses');
    const used = body.fallbacks.find(({ route }: { route: string }) => route === '/courses');
    expect(Object.keys(used.answered)).toEqual(['stale', 'static']);
    expect(used.answered.static).toBeGreaterThanOrEqual(1);
    expect(body.data.course.fallbacks).toBeGreaterThanOrEqual(2);
  });

  it('in development goes on to a mock, and what is stored counts for no longer than it may', async () => {
    await using development = await openGateway({ BREAKWATER_PROFILE: 'development', STALE_FOR: '300ms' });
    const sourceOf = async (path: string) => (await development.call(path)).headers.get('x-fallback');
    expect(await sourceOf('/courses')).toBeNull();
    {
      using _ = lockDatabase();
      // Nothing is stored of it, and the service answers with an error, for which there is no static answer.
      expect(await sourceOf('/courses?page=2')).toBe('mock');
    }
    await Promise.all([course.kill(), recommendation.kill()]);
    await eventually(async () => expect(await sourceOf('/courses')).toBe('static'));
    expect((await development.call('/courses/networks')).body.id).toBe('mock-1');
    const recommended = await development.call('/recommendations/algebra');
    expect([recommended.status, recommended.headers.get('x-fallback')]).toEqual([200, 'mock']);
    expect(recommended.body).toEqual({ recommended: ['mock-1'] });
  });

  it('judges the search by five failures of at least ten calls', async () => {
    const find = (word: string) => gateway.call(`/search?q=${word}`);
    for (let call = 0; call < 2; call++) expect((await find('algebra')).body.complete).toBe(true);
    await search.kill();
    for (let call = 0; call < 7; call++) {
      const answer = await find('algebra');
      expect([answer.body.found, answer.headers.get('x-fallback')]).toEqual([['algebra'], 'stale']);
    }
    expect(await breakerOf('search')).toMatchObject({ state: 'CLOSED', failure_count: 7 });
    const last = await find('analysis');
    expect([last.body, last.headers.get('x-fallback')]).toEqual([{ found: [], complete: false }, 'static']);
    expect(await breakerOf('search')).toMatchObject({ state: 'OPEN', failure_rate: 80 });
    await eventually(() => expect(gateway.transitions('cache').at(-1)).toMatch(/^OPENED: /));
  });

  it('lets nobody in while auth is down, says what is open, and closes all breakers on demand', async () => {
    await Promise.all([auth.kill(), recommendation.kill()]);
    const statuses: number[] = [];
    for (let call = 0; call < 4; call++) {
      const answer = await gateway.call('/auth/login', { body: ann });
      expect(answer.headers.get('x-fallback')).toBeNull();
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([502, 502, 502, 503]);
    for (let call = 0; call < 5; call++) {
      expect((await gateway.call('/recommendations/networks')).status).toBe(502);
    }
    const { body } = await gateway.call('/health');
    expect(body.message).toBe('Some services are degraded');
    expect(body.data.auth).toMatchObject({ status: 'unhealthy', circuit_breaker: { failure_rate: 100 } });
    expect(body.data.recommendation).toMatchObject({
      circuit_breaker: { name: 'external-api', state: 'OPEN' },
    });

    await Promise.all([auth.bringBack(), recommendation.bringBack()]);
    expect((await gateway.call('/recommendations/networks')).status).toBe(503);
    const reset = await gateway.admin('POST', '/api/admin/reset-circuit-breakers');
    expect(reset.body.breakers.map(({ state }: { state: string }) => state)).toEqual(Array(4).fill('CLOSED'));
    const answer = await gateway.call('/recommendations/databases');
    expect([answer.status, answer.headers.get('x-system-degraded')]).toEqual([200, 'false']);
  });

  it('keeps reading and logging in going while enrolments hang', async () => {
    expect((await gateway.call('/courses')).status).toBe(200);
    course.freeze();
    const hanging = [enrol(), enrol()];
    await eventually(async () => {
      expect((await breakerOf('course')).state).toBe('CLOSED');
      expect((await gateway.health('course')).targets[0].in_flight).toBe(2);
    });
    const third = await enrol();
    expect([third.status, third.body.error]).toMatchObject([
      503,
      { code: 'BULKHEAD_FULL', bulkhead: 'write' },
    ]);
    expect((await gateway.call('/search?q=real')).body.found).toEqual(['analysis']);
    expect((await gateway.call('/auth/login', { body: ann })).status).toBeLessThan(500);
    const read = await gateway.call('/courses');
    expect([read.status, read.headers.get('x-fallback')]).toEqual([200, 'stale']);
    for (const { status } of await Promise.all(hanging)) expect(status).toBe(504);
  });
});
