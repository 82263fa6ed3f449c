import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** What a process and all below it have used and hold, together. */
export interface Usage {
  /** Seconds of CPU, in the kernel and outside of it, since the start; in steps of a clock tick. */
  readonly cpuSeconds: number;
  /** Resident bytes now; pages that two processes share count twice. */
  readonly rssBytes: number;
  /** The most that was resident at a time since `resetPeak`. */
  readonly peakBytes: number;
}

/** proc(5): times in /proc/<pid>/stat are in these, 100 a second on Linux as a rule. */
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** @throws Error when the process is not there any more. */
export function usageOf(root: number): Usage {
  let ticks = 0;
  let rssBytes = 0;
  let peakBytes = 0;
  for (const pid of processTree(root)) {
    const fields = statFields(pid);
    const status = read(`/proc/${pid}/status`);
    if (fields === null || status === null) {
      if (pid === root) throw new Error(`Process ${root} has ended`);
      continue;
    }
    // proc(5) counts from 1 and begins with pid and name: utime is 14, stime 15.
    ticks += Number(fields[11]) + Number(fields[12]);
    rssBytes += kibibytes(status, 'VmRSS');
    peakBytes += kibibytes(status, 'VmHWM');
  }
  return { cpuSeconds: ticks / ticksPerSecond, rssBytes, peakBytes };
}

/** From here on, `peakBytes` knows nothing of what was before. */
export function resetPeak(root: number): void {
  for (const pid of processTree(root)) {
    // proc(5), clear_refs: 5 sets the peak to what is resident now.
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  }
}

/** The process and its descendants: nginx and HAProxy answer from workers. */
function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = Number(statFields(pid)?.[1]);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  const tree = [root];
  // Grows while it is walked.
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** From the third field on, the state; null when the process is gone. */
function statFields(pid: number): string[] | null {
  const stat = read(`/proc/${pid}/stat`);
  // The name stands in parentheses and may hold spaces and parentheses itself.
  return stat === null ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function kibibytes(status: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
