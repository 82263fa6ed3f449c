import { expect, it } from 'vitest';
import { BatchError } from '../../src/resilience/index.ts';
import { runExample } from '../../test/helpers/run-example.ts';
import { BulkEnrolment, type Enrolment } from './enrolment.ts';

const students = (count: number): Enrolment[] =>
  Array.from({ length: count }, (_, index) => ({ student: `s${index}`, course: 'sailing' }));

it('enrols everybody in the order given', async () => {
  const bulk = new BulkEnrolment({ enrol: async ({ student }) => `number of ${student}` });
  expect(await bulk.enrolAll(students(3))).toEqual(['number of s0', 'number of s1', 'number of s2']);
});

it('stops when the service breaks down, and tells what is done, what failed and what is left', async () => {
  let calls = 0;
  const bulk = new BulkEnrolment({
    enrol: async () => {
      if (++calls > 10) throw new Error(`failure ${calls}`);
      return 'ok';
    },
  });
  const error: unknown = await bulk.enrolAll(students(1000)).catch((reason: unknown) => reason);
  if (!(error instanceof BatchError)) throw new Error('It did not fail as a batch');
  expect(error.stoppedBy).toBe('breaker_open');
  expect(error.succeeded).toHaveLength(10);
  // Five failures open the breaker; of the four at a time some are under way then.
  expect(calls).toBeGreaterThanOrEqual(15);
  expect(calls).toBeLessThan(20);
  expect(error.errors).toHaveLength(error.failed.length);
  expect(error.succeeded.length + error.failed.length + error.notStarted.length).toBe(1000);
  expect(bulk.breaker.state).toBe('OPEN');
});

it('stops when the caller gives up', async () => {
  const caller = new AbortController();
  const bulk = new BulkEnrolment({
    enrol: async ({ student }) => {
      if (student === 's5') caller.abort(new Error('closing time'));
      return 'ok';
    },
  });
  const error = await bulk
    .enrolAll(students(100), { signal: caller.signal })
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ stoppedBy: 'aborted', cause: { message: 'closing time' } });
});

it('the program runs', async () => {
  const { code, stdout, stderr } = await runExample('batch');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toContain('100 enrolled');
  expect(stdout).toMatch(/Batch: 0 succeeded, \d failed, \d+ not started \(breaker_open\)/);
});
