import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { root } from './docker.ts';
import { Observer } from './observer.ts';
import { drillMode, openStage } from './open-stage.ts';
import { DrillReport } from './report.ts';
import { type Answer, brief, errorOf, SchoolClient } from './school-client.ts';
import { openTimeoutMs, type Stage } from './stage.ts';

/** Logs are written and metrics read beside the requests; they agree within this time, in milliseconds. */
const agreement = { within: 10_000 };
/** A breaker closes by the first good answer after its open time; the rest is for a slow machine. */
const recovery = { within: openTimeoutMs + 60_000 };

const mode = drillMode();
let stage: Stage;
let client: SchoolClient;
let observer: Observer;
let report: DrillReport;

beforeAll(async () => {
  stage = await openStage(mode);
  client = new SchoolClient(stage);
  observer = new Observer(stage, client);
  report = new DrillReport(stage.title);
});

afterAll(async () => {
  report?.publish(join(root, 'test-results', `drill-${mode}.txt`));
  await stage?.close();
});

async function healthMessage(): Promise<string> {
  return ((await client.health()).body as { message: string }).message;
}

type Call = () => Promise<Answer>;

interface Fault {
  readonly part: 'auth' | 'school' | 'student';
  readonly breaker: string;
  /** A request that needs the part. */
  readonly call: Call;
  /** Requests that do not. */
  readonly others: readonly Call[];
}

/** Everything the gateway shows while this one breaker is open. */
async function agreeThatOpen({ part, breaker, call, others }: Fault): Promise<void> {
  await report.step(
    'the sixth is refused at once, and told why',
    '503 CIRCUIT_BREAKER_OPEN, Retry-After in range, OPEN, rule failures: 5 failures',
    () => observer.refusal(call),
  );
  await report.step('/health answers, and says so', '200 degraded', async () => {
    const { status, body } = await client.health();
    return `${status} ${(body as { status: string }).status}`;
  });
  await report.step('/health of the service', 'unhealthy, OPEN, 5 failures', () => client.healthOf(part));
  await report.step(
    'the log',
    'OPENED: max failures reached',
    () => observer.logged('gateway', breaker),
    agreement,
  );
  await report.step('the metrics', 'state 2, 5 failures', () => observer.measured(breaker));
  await report.step('the other routes', 'all 200, none slow', () => observer.others(others));
}

async function agreeThatClosed({ part, breaker, call }: Fault, log: string): Promise<void> {
  await report.step(
    'once it is back, a request gets through',
    '200',
    async () => brief(await call()),
    recovery,
  );
  await report.step('the log', log, () => observer.logged('gateway', breaker), agreement);
  await report.step('/health of the service', 'healthy, CLOSED, 0 failures', () => client.healthOf(part));
  await report.step(
    'the metric',
    '0',
    async () => `${await client.metric('circuit_breaker_state', breaker)}`,
  );
}

const closedAgain =
  'OPENED: max failures reached · HALF_OPEN: attempting recovery · CLOSED: recovery successful';

/** First and last line: a probe in between may come before the driver has found its server again. */
const fromOpenToClosed = 'OPENED: max failures reached … CLOSED: recovery successful';

/**
 * The answer to a call whose service refuses by a breaker of its own. Those refusals are failures to the
 * gateway, so a call that works is put before each, or the gateway's breaker would open too.
 */
async function after(working: Call, call: Call): Promise<string> {
  await working();
  return brief(await call());
}

describe('the failure drill', () => {
  it('begins with everything healthy', async () => {
    report.section('Before the first fault');
    await report.step('a user registers', '201', async () => brief(await client.register()), {
      within: 60_000,
    });
    await report.step('logs in', '200', async () => brief(await client.login()));
    await report.step('founds a school', '201', async () => brief(await client.foundSchool()));
    await report.step('enrols a student in it', '201', async () => brief(await client.enrol()));
    await report.step('/health', 'All services are healthy', healthMessage);
  });

  it('opens after five failures of a stopped auth-service, probes it in vain, and closes when it is back', async () => {
    const fault: Fault = {
      part: 'auth',
      breaker: 'auth-service-http',
      call: client.login,
      others: [client.schools, client.students],
    };
    report.section(`auth-service is ${mode === 'compose' ? 'stopped' : 'killed'}`);
    await observer.mark('gateway', fault.breaker);
    await stage.stop('auth');
    await report.step('four logins', '502 502 502 502', () => observer.statuses(client.login, 4));
    await report.step('/health, one short', 'healthy, CLOSED, 4 failures', () => client.healthOf('auth'));
    await report.step("the fifth, the gateway's own error", '502 UPSTREAM_UNREACHABLE', async () =>
      brief(await client.login()),
    );
    await agreeThatOpen(fault);
    await report.step(
      'after the open time the first request is the probe, and fails',
      '502 UPSTREAM_UNREACHABLE',
      async () => brief(await client.login()),
      recovery,
    );
    await report.step('the next one is refused again', '503 CIRCUIT_BREAKER_OPEN', async () =>
      brief(await client.login()),
    );
    await stage.start('auth');
    await agreeThatClosed(
      fault,
      'OPENED: max failures reached · HALF_OPEN: attempting recovery · OPENED: probe failed · ' +
        'HALF_OPEN: attempting recovery · CLOSED: recovery successful',
    );
  });

  it('opens both breakers before a killed school-service, each after its own threshold', async () => {
    const fault: Fault = {
      part: 'school',
      breaker: 'school-service-http',
      call: client.schools,
      others: [client.students, client.keys],
    };
    const grpc = 'school-service-grpc';
    report.section('school-service is killed');
    await observer.mark('gateway', fault.breaker);
    await observer.mark('student', grpc);
    await stage.kill('school');
    await report.step('three enrolments', '502 502 502', () => observer.statuses(client.enrol, 3));
    await report.step(
      "the fourth meets the student-service's own breaker",
      '503 school service temporarily unavailable',
      async () => {
        const answer = await client.enrol();
        return `${answer.status} ${errorOf(answer).message}`;
      },
    );
    await report.step(
      "the student-service's log",
      'OPENED: max failures reached',
      () => observer.logged('student', grpc),
      agreement,
    );
    await report.step('four lists of schools', '502 502 502 502', () => observer.statuses(client.schools, 4));
    await report.step('/health, one short', 'healthy, CLOSED, 4 failures', () => client.healthOf('school'));
    await report.step('the fifth', '502', () => observer.statuses(client.schools, 1));
    await agreeThatOpen(fault);
    await stage.start('school');
    await agreeThatClosed(fault, closedAgain);
    await report.step(
      'students are enrolled again',
      '201',
      () => after(client.students, client.enrol),
      recovery,
    );
    await report.step(
      "the student-service's log",
      fromOpenToClosed,
      () => observer.span('student', grpc),
      agreement,
    );
  });

  it('opens before a student-service that hangs, and nobody else waits for it', async () => {
    const fault: Fault = {
      part: 'student',
      breaker: 'student-service-http',
      call: client.students,
      others: [client.schools, client.keys],
    };
    report.section('student-service is paused in the middle of its work');
    await observer.mark('gateway', fault.breaker);
    await stage.pause('student');
    const hanging = Promise.all(Array.from({ length: 5 }, () => client.students()));
    await report.step('the other routes while five requests hang', 'all 200, none slow', () =>
      observer.others(fault.others),
    );
    await report.step('the five', '504 504 504 504 504', async () =>
      (await hanging).map(({ status }) => status).join(' '),
    );
    await agreeThatOpen(fault);
    await stage.resume('student');
    await agreeThatClosed(fault, closedAgain);
  });

  it.for(['stopped', 'paused'] as const)(
    'lets auth-service refuse by its own breaker while MongoDB is %s',
    async (how, { skip }) => {
      skip(!stage.hasMongodb, 'no MongoDB is installed here');
      report.section(`mongodb is ${how}`);
      const breaker = 'auth-database';
      await observer.mark('auth', breaker);
      await (how === 'stopped' ? stage.stop('mongodb') : stage.pause('mongodb'));
      const failures = async (times: number): Promise<string> => {
        const answers: Answer[] = [];
        for (let i = 0; i < times; i += 1) answers.push(await client.login());
        return answers
          .map((answer) => (errorOf(answer).code ?? '').replace(/_(FAILED|TIMEOUT)$/, ''))
          .join(' ');
      };
      await report.step('four logins', 'DATABASE DATABASE DATABASE DATABASE', () => failures(4));
      await report.step('what needs no database still works', '200', async () => brief(await client.keys()));
      await report.step('the log, one short', '', () => observer.logged('auth', breaker));
      await report.step('the fifth', 'DATABASE', () => failures(1));
      await report.step(
        'the log',
        'OPENED: max failures reached',
        () => observer.logged('auth', breaker),
        agreement,
      );
      await report.step(
        'the sixth',
        '503 authentication service temporarily unavailable, Retry-After',
        async () => {
          const answer = await client.login();
          return `${answer.status} ${errorOf(answer).message}, ${answer.headers.has('retry-after') ? 'Retry-After' : 'no Retry-After'}`;
        },
      );
      await report.step("the gateway's breaker", 'healthy, CLOSED', async () =>
        (await client.healthOf('auth')).split(',').slice(0, 2).join(','),
      );
      await report.step('the other routes', 'all 200, none slow', () =>
        observer.others([client.schools, client.students, client.keys]),
      );
      await (how === 'stopped' ? stage.start('mongodb') : stage.resume('mongodb'));
      await report.step(
        'the same user logs in again',
        '200',
        () => after(client.keys, client.login),
        recovery,
      );
      await report.step('the log', fromOpenToClosed, () => observer.span('auth', breaker), agreement);
    },
  );

  it('ends the gateway in order, with all breakers closed', async () => {
    report.section('The end');
    await report.step('/health', 'All services are healthy', healthMessage);
    await report.step('SIGTERM: the exit code', '0', async () => `${await stage.endGateway()}`);
  });
});
