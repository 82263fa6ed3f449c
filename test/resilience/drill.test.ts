import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { agreement, Drill, recovery } from './drill.ts';
import { closedAgain, type Fault, seeItClose, seeItOpen } from './gateway-breaker.ts';
import { drillMode } from './open-stage.ts';
import { type Answer, errorOf } from './school-client.ts';

const mode = drillMode();
let drill: Drill;

beforeAll(async () => {
  drill = await Drill.open(mode);
});

afterEach(() => drill?.bringAllBack());
afterAll(() => drill?.close());

const opened = 'OPENED: max failures reached';
/** First and last line: a probe in between may come before a driver has found its server again. */
const openedToClosed = `${opened} … CLOSED: recovery successful`;

/**
 * A call to a service that refuses by a breaker of its own. Those refusals are failures to the gateway, so a
 * call that works is put before each, or the gateway's breaker would open too.
 */
function between(working: () => Promise<Answer>, call: () => Promise<Answer>): () => Promise<Answer> {
  return async () => {
    await working();
    return call();
  };
}

describe('the failure drill', () => {
  it('begins with everything healthy', async () => {
    const { client, report } = drill;
    report.section('Before the first fault');
    await drill.answers('a user registers', '201', client.register, { within: 60_000 });
    await drill.answers('logs in', '200', client.login);
    await drill.answers('founds a school', '201', client.foundSchool);
    await drill.answers('enrols a student in it', '201', client.enrol);
    await report.step('/health', 'All services are healthy', () => drill.healthMessage());
  });

  it('opens after five failures of a stopped auth-service, probes it in vain, and closes when it is back', async () => {
    const { client, observer, report } = drill;
    const { login, schools, students } = client;
    const fault: Fault = {
      part: 'auth',
      breaker: 'auth-service-http',
      call: login,
      others: [schools, students],
    };
    report.section(`auth-service is ${mode === 'compose' ? 'stopped' : 'killed'}`);
    await observer.mark('gateway', fault.breaker);
    await drill.takeDown('auth', 'stop');
    await report.step('four logins', '502 502 502 502', () => observer.statuses(login, 4));
    await report.step('/health, one short', 'healthy, CLOSED, 4 failures', () => client.healthOf('auth'));
    await drill.answers("the fifth, the gateway's own error", '502 UPSTREAM_UNREACHABLE', login);
    await seeItOpen(drill, fault);
    await drill.answers('after the open time, the probe', '502 UPSTREAM_UNREACHABLE', login, recovery);
    await drill.answers('refused again', '503 CIRCUIT_BREAKER_OPEN', login);
    await drill.bringBack('auth');
    await seeItClose(
      drill,
      fault,
      closedAgain.replace('CLOSED', 'OPENED: probe failed · HALF_OPEN: attempting recovery · CLOSED'),
    );
  });

  it('opens both breakers before a killed school-service, each after its own threshold', async () => {
    const { client, observer, report } = drill;
    const { enrol, keys, schools, students } = client;
    const fault: Fault = {
      part: 'school',
      breaker: 'school-service-http',
      call: schools,
      others: [students, keys],
    };
    const grpc = 'school-service-grpc';
    const studentLog = () => observer.logged('student', grpc);
    report.section('school-service is killed');
    await observer.mark('gateway', fault.breaker);
    await observer.mark('student', grpc);
    await drill.takeDown('school', 'kill');
    await report.step('two enrolments', '502 502', () => observer.statuses(enrol, 2));
    await report.step("the student-service's log, one short", '', studentLog);
    await report.step('the third', '502', () => observer.statuses(enrol, 1));
    await report.step("the student-service's log", opened, studentLog, agreement);
    await drill.refuses('the fourth', '503 school service temporarily unavailable, Retry-After', enrol);
    await report.step('four lists of schools', '502 502 502 502', () => observer.statuses(schools, 4));
    await report.step('/health, one short', 'healthy, CLOSED, 4 failures', () => client.healthOf('school'));
    await report.step('the fifth', '502', () => observer.statuses(schools, 1));
    await seeItOpen(drill, fault);
    await drill.bringBack('school');
    await seeItClose(drill, fault, closedAgain);
    await drill.answers('students are enrolled again', '201', between(students, enrol), recovery);
    const span = () => observer.span('student', grpc);
    await report.step("the student-service's log", openedToClosed, span, agreement);
  });

  it('opens before a student-service that hangs, and nobody else waits for it', async () => {
    const { client, observer, report } = drill;
    const { keys, schools, students } = client;
    const fault: Fault = {
      part: 'student',
      breaker: 'student-service-http',
      call: students,
      others: [schools, keys],
    };
    report.section('student-service is paused in the middle of its work');
    await observer.mark('gateway', fault.breaker);
    await drill.takeDown('student', 'pause');
    const hanging = Promise.all(Array.from({ length: 5 }, students));
    const others = () => observer.others(fault.others);
    await report.step('the other routes while five requests hang', 'all 200, none slow', others);
    const five = async () => (await hanging).map(({ status }) => status).join(' ');
    await report.step('the five', '504 504 504 504 504', five);
    await seeItOpen(drill, fault);
    await drill.bringBack('student');
    await seeItClose(drill, fault, closedAgain);
  });

  it.for(['stopped', 'paused'] as const)(
    'lets auth-service refuse by its own breaker while MongoDB is %s',
    async (how, { skip }) => {
      const { client, observer, report, stage } = drill;
      const { keys, login, schools, students } = client;
      skip(!stage.hasMongodb, 'no MongoDB is installed here');
      const database = 'auth-database';
      const authLog = () => observer.logged('auth', database);
      const failures = async (times: number): Promise<string> => {
        const codes: string[] = [];
        for (let i = 0; i < times; i += 1) codes.push(`${errorOf(await login()).code}`.split('_')[0] ?? '');
        return codes.join(' ');
      };
      report.section(`mongodb is ${how}`);
      await observer.mark('auth', database);
      await drill.takeDown('mongodb', how === 'stopped' ? 'stop' : 'pause');
      await report.step('four logins fail by', 'DATABASE DATABASE DATABASE DATABASE', () => failures(4));
      await drill.answers('what needs no database still works', '200', keys);
      await report.step("auth-service's log, one short", '', authLog);
      await report.step('the fifth fails by', 'DATABASE', () => failures(1));
      await report.step("auth-service's log", opened, authLog, agreement);
      await drill.refuses(
        'the sixth',
        '503 authentication service temporarily unavailable, Retry-After',
        login,
      );
      const gateway = async () => (await client.healthOf('auth')).replace(/, \d+ failures/, '');
      await report.step("the gateway's breaker", 'healthy, CLOSED', gateway);
      const others = () => observer.others([schools, students, keys]);
      await report.step('the other routes', 'all 200, none slow', others);
      await drill.bringBack('mongodb');
      await drill.answers('the same user logs in again', '200', between(keys, login), recovery);
      await report.step(
        "auth-service's log",
        openedToClosed,
        () => observer.span('auth', database),
        agreement,
      );
    },
  );

  it('ends the gateway in order, with all breakers closed', async () => {
    const { report, stage } = drill;
    report.section('The end');
    await report.step('/health', 'All services are healthy', () => drill.healthMessage());
    await report.step('SIGTERM, the exit code', '0', async () => `${await stage.endGateway()}`);
  });
});
