import { randomUUID } from 'node:crypto';
import { ask } from './ask.ts';
import type { Variant } from './peer.ts';
import { type Context, REQUEST_COLUMNS, type Running, type Sample, type Scene } from './scene.ts';
import { SEEN, SMALL_JSON } from './upstream.ts';
import { usageOf } from './usage.ts';
import { type Load, type WrkResult, warmUp, wrk } from './wrk.ts';

export interface Expected {
  readonly status: number;
  /** The body, or null where each peer may say what it likes. */
  readonly body: string | null;
  /** False: no request may reach the upstream. */
  readonly upstream: boolean;
}

interface WrkSceneOptions {
  readonly name: string;
  readonly title: string;
  readonly what: string;
  readonly load: Load;
  readonly expected?: Expected;
  readonly variants?: readonly Variant[];
  /** Requests before the first check, whose answers do not count. */
  readonly primers?: number;
}

export const SMALL_ANSWER: Expected = { status: 200, body: SMALL_JSON, upstream: true };

/** A scene whose load is the same request again and again, as fast as the connections allow. */
export function wrkScene(options: WrkSceneOptions): Scene {
  const { name, title, what, load, expected = SMALL_ANSWER, variants = ['plain'], primers = 0 } = options;
  return {
    name,
    title,
    what,
    variants,
    columns: REQUEST_COLUMNS,
    check: async (running) => {
      for (let count = 0; count < primers; count++) await ask(running.port, single(load));
      await checkAnswer(running, { load, expected });
    },
    warmUp: async (running, context) => {
      await warmUp(running, load, context);
      return {};
    },
    measure: (running, context) => measureWrk(running, context, { load, expected }),
  };
}

export interface Loaded {
  readonly load: Load;
  readonly expected: Expected;
}

/** @throws Error when an answer, or who gave it, is not as expected. */
export async function checkAnswer({ port }: Running, { load, expected }: Loaded): Promise<void> {
  const question = single(load);
  const token = randomUUID();
  const { status, headers, body } = await ask(port, { ...question, path: `${question.path}?check=${token}` });
  if (status !== expected.status) throw new Error(`status ${status} instead of ${expected.status}`);
  if (expected.body !== null && body.toString('latin1') !== expected.body)
    throw new Error(
      `another body of ${body.length} bytes instead of the ${expected.body.length} of the upstream`,
    );
  const seen = headers[SEEN.toLowerCase()] === token;
  if (seen !== expected.upstream) throw new Error(`the upstream has ${seen ? '' : 'not '}seen the request`);
}

export async function measureWrk(running: Running, context: Context, loaded: Loaded): Promise<Sample> {
  const { upstream } = context;
  const seenBefore = await upstream.settled();
  const before = usageOf(running.child.pid);
  const result = await wrk(running, loaded.load, context);
  const cpuSeconds = usageOf(running.child.pid).cpuSeconds - before.cpuSeconds;
  const seen = (await upstream.requests()) - seenBefore;
  return {
    values: {
      cpu: (cpuSeconds * 1e6) / result.requests,
      rate: result.requests / result.seconds,
      p50: result.p50Ms,
      p99: result.p99Ms,
      busy: (100 * cpuSeconds) / result.seconds,
      requests: result.requests,
    },
    problem: problemOf(result, seen, loaded.expected),
  };
}

function problemOf(result: WrkResult, seen: number, { status, body, upstream }: Expected): string | null {
  const { requests, bytes, socketErrors, failures } = result;
  if (requests === 0) return 'no answers';
  if (socketErrors > 0) return `${socketErrors} connections failed`;
  if (failures !== (status > 399 ? requests : 0)) return `${failures} of ${requests} answers were failures`;
  if (bytes < requests * (body?.length ?? 0)) return 'answers were cut short';
  if (upstream && seen < requests) return `the upstream saw ${seen} of ${requests} requests`;
  if (!upstream && seen > 0) return `${seen} requests reached the upstream`;
  return null;
}

function single(load: Load): Load {
  return load.routes === undefined ? load : { ...load, path: `/r0${load.path}` };
}
