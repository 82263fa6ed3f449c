// Reads what vitest wrote for each run and ends with one line: `N passed, N failed, N skipped`.
// Usage: summary.mjs <folder> <status of the script> <run>…   Plain JavaScript: any Node reads it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const maxLines = 100;
const [folder, scriptStatus, ...runs] = process.argv.slice(2);
const totals = { passed: 0, failed: 0, skipped: 0 };

const read = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '');

function readReport(run) {
  try {
    return JSON.parse(read(`${run}.json`));
  } catch {
    return { testResults: [] };
  }
}

/** What vitest wrote of its failures, with what was expected and received; else the end of all it wrote. */
function explanation(run) {
  const lines = read(`${run}.log`).trimEnd().split('\n');
  const start = lines.findIndex((line) => /⎯ (Failed|Unhandled) /.test(line));
  return start === -1 ? lines.slice(-maxLines) : lines.slice(start, start + maxLines);
}

function summarize(run) {
  const status = Number(read(`${run}.status`) || 1);
  const failed = [];
  const skipped = [];
  let passed = 0;
  for (const file of readReport(run).testResults) {
    for (const test of file.assertionResults) {
      const name = `${file.name} > ${test.fullName}`;
      if (test.status === 'passed') passed += 1;
      else (test.status === 'failed' ? failed : skipped).push(name);
    }
    // A file that could not be loaded, or whose preparation failed, has no failed tests to count.
    if (file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed')) {
      failed.push(file.name);
    }
  }
  // Style, types, a crash or a timeout: nothing that vitest could have written down.
  if (status !== 0 && failed.length === 0) {
    failed.push(status === 124 || status === 137 ? 'it ran out of time' : `it ended with status ${status}`);
  }
  totals.passed += passed;
  totals.failed += failed.length;
  totals.skipped += skipped.length;
  console.log(`\n${run}: ${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
  for (const name of skipped) console.log(`  skipped  ${name}`);
  if (failed.length > 0) for (const line of explanation(run)) console.log(`  | ${line}`);
  for (const name of failed.slice(0, maxLines)) console.log(`  FAILED   ${name}`);
}

console.log('\n=== Summary');
for (const run of runs) summarize(run);
const preparation = read('preparation-failed').trim();
if (preparation !== '' || (runs.length === 0 && scriptStatus !== '0')) {
  console.log(`\n${preparation || `The preparation ended with status ${scriptStatus}`}: see above.`);
  totals.failed += 1;
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;
