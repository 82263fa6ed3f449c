import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Question } from './ask.ts';
import { Child, type ChildCommand, runChild } from './child.ts';
import type { Context, Running } from './scene.ts';

export interface Load extends Question {
  /** Requests go to `/r0` + path, `/r1` + path … in turn, so many of them. */
  readonly routes?: number;
}

export interface WrkResult {
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Connections that failed, broke or stayed silent. */
  readonly socketErrors: number;
  /** Answers above 399. */
  readonly failures: number;
}

/** Of an answer, after which wrk counts an error. */
const TIMEOUT_SECONDS = 5;
const GRACE_MS = 15_000;

/** @throws Error when wrk fails or cannot connect. */
export async function wrk(running: Running, load: Load, context: Context): Promise<WrkResult> {
  const { seconds } = context.effort;
  const output = await runChild(
    command(running, load, context, seconds),
    context.cores.load,
    seconds * 1000 + GRACE_MS,
  );
  const line = /^RESULT (.*)$/m.exec(output)?.[1];
  if (line === undefined) throw new Error(`wrk says nothing of its result: ${output}`);
  return JSON.parse(line) as WrkResult;
}

/** The same load for as long as a warm-up takes; wrk itself knows whole seconds only. */
export async function warmUp(running: Running, load: Load, context: Context): Promise<void> {
  const child = new Child(command(running, load, context, 3600), context.cores.load);
  await Promise.race([sleep(context.effort.warmUpMs), child.ended]);
  if (child.over) throw new Error(`wrk ended during the warm-up: ${child.output}`);
  await child.stop();
}

function command(running: Running, load: Load, context: Context, seconds: number): ChildCommand {
  const script = join(context.folder, 'load.lua');
  writeFileSync(script, lua(load));
  const { connections } = context.effort;
  const options = [
    '-t',
    '1',
    '-c',
    String(connections),
    '-d',
    `${seconds}s`,
    '--timeout',
    `${TIMEOUT_SECONDS}s`,
  ];
  return { command: 'wrk', args: [...options, '-s', script, `http://127.0.0.1:${running.port}${load.path}`] };
}

/** Strings of JSON are strings of Lua as long as they are plain ASCII. */
function lua({ method, path, headers, body, routes }: Load): string {
  return [
    `wrk.method = ${JSON.stringify(method)}`,
    ...Object.entries(headers).map(
      ([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`,
    ),
    body === '' ? '' : `wrk.body = ${JSON.stringify(body)}`,
    routes === undefined ? '' : inTurn(path, routes),
    REPORT,
  ].join('\n');
}

function inTurn(path: string, routes: number): string {
  return `local requests, turn = {}, 0
function init()
  for route = 0, ${routes - 1} do requests[route + 1] = wrk.format(nil, "/r" .. route .. ${JSON.stringify(path)}) end
end
function request()
  turn = turn % ${routes} + 1
  return requests[turn]
end`;
}

const REPORT = `function done(summary, latency)
  local e = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"seconds":%f,"bytes":%.0f,"p50Ms":%f,"p99Ms":%f,"socketErrors":%d,"failures":%d}',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, e.connect + e.read + e.write + e.timeout, e.status))
end
`;
