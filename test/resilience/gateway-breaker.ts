import { agreement, type Drill, recovery } from './drill.ts';
import type { Answer } from './school-client.ts';

type Call = () => Promise<Answer>;

export interface Fault {
  readonly part: 'auth' | 'school' | 'student';
  readonly breaker: string;
  /** A request that needs the part. */
  readonly call: Call;
  /** Requests that do not. */
  readonly others: readonly Call[];
}

export const closedAgain =
  'OPENED: max failures reached · HALF_OPEN: attempting recovery · CLOSED: recovery successful';

/** Everything that the gateway shows after the fifth failure, while this one breaker is open. */
export async function seeItOpen(drill: Drill, { part, breaker, call, others }: Fault): Promise<void> {
  const { client, observer, report } = drill;
  await report.step(
    'the sixth is refused at once, and told why',
    '503 CIRCUIT_BREAKER_OPEN, Retry-After in range, OPEN: max failures reached, 5 failures',
    () => observer.refusal(call),
  );
  await report.step('/health answers, and says so', '200 degraded', async () => {
    const { status, body } = await client.health();
    return `${status} ${(body as { status: string }).status}`;
  });
  await report.step('/health of the service', 'unhealthy, OPEN, 5 failures', () => client.healthOf(part));
  const log = () => observer.logged('gateway', breaker);
  await report.step("the gateway's log", 'OPENED: max failures reached', log, agreement);
  await report.step('the metrics', 'state 2, 5 failures', () => observer.measured(breaker));
  await report.step('the other routes', 'all 200, none slow', () => observer.others(others));
}

/** @param log the breaker's transitions since the fault began */
export async function seeItClose(drill: Drill, fault: Fault, log: string): Promise<void> {
  const { part, breaker, call } = fault;
  const { client, observer, report } = drill;
  await drill.answers('once it is back, a request gets through', '200', call, recovery);
  await report.step("the gateway's log", log, () => observer.logged('gateway', breaker), agreement);
  await report.step('/health of the service', 'healthy, CLOSED, 0 failures', () => client.healthOf(part));
  const state = async () => `${await client.metric('circuit_breaker_state', breaker)}`;
  await report.step('the metric', '0', state);
}
