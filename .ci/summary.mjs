// Reads what vitest wrote for each run and ends with one line: `N passed, N failed, N skipped`.
// Usage: summary.mjs <folder> <status of the script> <run>…   Plain JavaScript: any Node reads it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const maxLines = 100;
const [folder, scriptStatus, ...runs] = process.argv.slice(2);
const totals = { passed: 0, failed: 0, skipped: 0 };

/** The head of a message says what, its tail why. */
const shorten = (lines) => (lines.length <= 30 ? lines : [...lines.slice(0, 8), '…', ...lines.slice(-20)]);

const read = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '');
const tail = (text) => text.trimEnd().split('\n').slice(-maxLines);

function readReport(run) {
  try {
    return JSON.parse(read(`${run}.json`));
  } catch {
    return { testResults: [] };
  }
}

function summarize(run) {
  const status = Number(read(`${run}.status`) || 1);
  const failures = [];
  const skipped = [];
  let passed = 0;
  for (const file of readReport(run).testResults) {
    for (const test of file.assertionResults) {
      const name = `${file.name} > ${test.fullName}`;
      if (test.status === 'passed') passed += 1;
      else if (test.status === 'failed')
        failures.push([name, ...shorten(test.failureMessages.join('\n').split('\n'))]);
      else skipped.push(name);
    }
    // A file that could not be loaded has no tests to count.
    if (file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed')) {
      const why = String(file.message || '').trim();
      failures.push([file.name, ...(why === '' ? tail(read(`${run}.log`)) : shorten(why.split('\n')))]);
    }
  }
  // Style, types, a crash or a timeout: nothing that vitest could have written down.
  if (status !== 0 && failures.length === 0) {
    const why = status === 124 || status === 137 ? 'ran out of time' : `ended with status ${status}`;
    failures.push([`${run} ${why}; its last lines:`, ...tail(read(`${run}.log`))]);
  }
  totals.passed += passed;
  totals.failed += failures.length;
  totals.skipped += skipped.length;
  console.log(`\n${run}: ${passed} passed, ${failures.length} failed, ${skipped.length} skipped`);
  for (const name of skipped) console.log(`  skipped: ${name}`);
  for (const line of failures
    .flatMap(([name, ...rest]) => [`  FAILED ${name}`, ...rest.map((text) => `    ${text}`)])
    .slice(0, 2 * maxLines)) {
    console.log(line);
  }
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
