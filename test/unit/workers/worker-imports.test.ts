import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

const PROGRAM = new URL('../../../src/workers/worker-thread.ts', import.meta.url).href;

/** Prints the URLs of all modules that a module loads; that this one refuses to run here comes after. */
const LIST = `
  import { registerHooks } from 'node:module';
  const urls = [];
  registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
  await import(process.argv[1]).catch(() => {});
  console.log(urls.join('\\n'));`;

it('a worker thread loads no package but that of the log, and nothing of the command line, the admin API or tracing', () => {
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', LIST, PROGRAM];
  const urls = execFileSync(process.execPath, flags, { encoding: 'utf8' }).split('\n');
  expect(urls).toContain(PROGRAM);
  expect(urls.some((url) => url.endsWith('/src/workers/traffic.ts'))).toBe(true);
  const unwanted =
    /node_modules\/(zod|yaml|undici|httpxy|prom-client|commander|http-cache-semantics|@opentelemetry)\//;
  expect(urls.filter((url) => unwanted.test(url) || /\/src\/(cli|admin|tracing)\//.test(url))).toEqual([]);
  // An import of it evaluates all that it exports, Node's own copy of undici among that: 16 MB in each thread.
  expect(urls).not.toContain('node:http');
});
