import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoFolder } from './demo-plan.ts';

/** What a running demo leaves in .demo/ for `make demo-stop`, and for the next demo if it was killed outright. */
export interface DemoState {
  pid: number;
  /** Where the demo listens for `stop` and `start`, and the secret that keeps other local users out. */
  url: string;
  token: string;
  /** Process ids of its programs, by name. */
  programs: Readonly<Record<string, number>>;
}

const file = join(demoFolder, 'state.json');

export function writeState(state: DemoState): void {
  writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
}

/** null when no demo has left its mark here. */
export function readState(): DemoState | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as DemoState;
  } catch {
    return null;
  }
}

function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}

/**
 * Ends the programs of a demo that was killed outright and so could not do it. An id is only trusted while the
 * process behind it still runs one of our programs.
 *
 * @throws Error when that demo is still running.
 */
export function clearLeftovers(): void {
  const old = readState();
  if (old === null) return;
  if (old.pid !== process.pid && commandOf(old.pid).includes('tools/demo.ts')) {
    throw new Error(`A demo is running already (process ${old.pid}). Stop it with Ctrl-C in its terminal.`);
  }
  for (const pid of Object.values(old.programs)) {
    if (/services\/\w+\/main\.ts|src\/cli\.ts/.test(commandOf(pid))) process.kill(pid, 'SIGKILL');
  }
}
