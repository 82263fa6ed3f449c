import { BatchError } from '../../src/resilience/index.ts';
import { BulkEnrolment, type Enrolment } from './enrolment.ts';

/** A batch that stops early and reports all errors together. Run it: node examples/batch/main.ts */

let served = 0;
const bulk = new BulkEnrolment({
  enrol: async ({ student }) => {
    if (++served > 100) throw new Error(`no connection for ${student}`);
    return `E${served}`;
  },
});

const enrolments: Enrolment[] = Array.from({ length: 1000 }, (_, index) => ({
  student: `student-${index}`,
  course: 'sailing',
}));

console.log('A hundred enrolments go well:');
console.log(`  ${(await bulk.enrolAll(enrolments.slice(0, 100))).length} enrolled`);

console.log('The service breaks down during the next nine hundred:');
try {
  await bulk.enrolAll(enrolments.slice(100));
} catch (error) {
  if (!(error instanceof BatchError)) throw error;
  console.log(`  ${error.message}`);
  for (const { index, error: reason } of error.failed)
    console.log(`  ${index}: ${(reason as Error).message}`);
  console.log(`  to go on later, begin with item ${error.notStarted[0]}`);
}
