import { inboundPart } from '../composition/fast/inbound-part.ts';
import { outboundPart } from '../composition/fast-outbound/outbound-part.ts';
import type { FuzzPart } from './fuzz-part.ts';
import { gatewaysPart } from './gateways-part.ts';
import { responseParserPart } from './response-parser-part.ts';
import { replay, runPart } from './run-part.ts';
import { scannerPart } from './scanner-part.ts';

/** The long run, `npm run fuzz`: docs/fast-lane.md says what each part proves. */

const PARTS = [
  scannerPart,
  responseParserPart,
  inboundPart,
  outboundPart,
  gatewaysPart,
] as readonly unknown[];
const USAGE = `Usage: npm run fuzz [-- <part> [<case>]]
  <part>  scanner, response-parser, inbound, outbound or gateways; default: all
  <case>  one case, as a failure prints it, to be looked at once more
FUZZ_SEED=<n> repeats a run; FUZZ_CASES=<n> is for each part, FUZZ_FAILURES=<n> ends a part (3)`;
const PROGRESS_MS = 10_000;

interface Settings {
  readonly seed: number;
  readonly cases: number | null;
  readonly maxFailures: number;
}

async function main(name: string | undefined, encoded: string | undefined): Promise<number> {
  const parts = (PARTS as readonly FuzzPart<unknown>[]).filter(
    (part) => name === undefined || part.name === name,
  );
  if (parts.length === 0) {
    console.error(USAGE);
    return 2;
  }
  if (encoded !== undefined) return again(parts[0] as FuzzPart<unknown>, encoded);
  const { FUZZ_SEED, FUZZ_CASES, FUZZ_FAILURES } = process.env;
  const settings: Settings = {
    seed: Number(FUZZ_SEED ?? Date.now() % 2 ** 31),
    cases: FUZZ_CASES === undefined ? null : Number(FUZZ_CASES),
    maxFailures: Number(FUZZ_FAILURES ?? 3),
  };
  console.log(`FUZZ_SEED=${settings.seed}`);
  const summary: string[] = [];
  let done = 0;
  let failures = 0;
  for (const part of parts) {
    const result = await run(part, settings);
    done += result.done;
    failures += result.failures;
    summary.push(result.line);
  }
  console.log(`\n${summary.join('\n')}\n${done} cases, ${failures} failures, seed ${settings.seed}`);
  return failures === 0 ? 0 : 1;
}

async function run(part: FuzzPart<unknown>, settings: Settings) {
  const cases = settings.cases ?? part.long;
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1_000).toFixed(0)} s`;
  let told = started;
  const onBlock = (done: number) => {
    if (performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    console.log(`${part.name}: ${done} of ${cases} after ${seconds()}`);
  };
  const { done, counts, failures } = await runPart(part, { ...settings, cases, onBlock });
  for (const failure of failures) console.error(`\n${failure}`);
  const line = `${part.name}: ${done} cases in ${seconds()}, ${failures.length} failures, ${JSON.stringify(counts)}`;
  console.log(line);
  return { done, failures: failures.length, line };
}

async function again(part: FuzzPart<unknown>, encoded: string): Promise<number> {
  try {
    JSON.parse(Buffer.from(encoded, 'base64').toString());
  } catch {
    console.error(`"${encoded}" is no case as a failure prints it.\n${USAGE}`);
    return 2;
  }
  const found = await replay(part, encoded);
  console.log(found ?? `${part.name}: so it is: ${part.claim}`);
  return found === null ? 0 : 1;
}

process.exitCode = await main(process.argv[2], process.argv[3]);
