import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Long enough to build all images on a slow machine with a cold cache. */
const commandTimeoutMs = 9 * 60_000;

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** @throws Error with the last lines that the command printed */
export async function command(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Output> {
  try {
    return await run(program, args, {
      cwd: root,
      env: { ...process.env, ...env },
      timeout: commandTimeoutMs,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const { stdout = '', stderr = '', killed } = error as Partial<Output> & { killed?: boolean };
    const lines = `${stdout}\n${stderr}`.trim().split('\n').slice(-60).join('\n');
    const what = killed ? `took longer than ${commandTimeoutMs / 60_000} minutes` : 'failed';
    // No `cause`: it would repeat all of the output, twice.
    throw new Error(`${program} ${args.join(' ')} ${what}:\n${lines || error}`);
  }
}

const answers = (program: string, args: readonly string[]): boolean =>
  spawnSync(program, args, { timeout: 20_000 }).status === 0;

/** Whether a Docker engine can be reached. */
export function hasDocker(): boolean {
  return answers('docker', ['info']);
}

/** How Compose is called here: the plugin, or the older program; null when there is neither. */
export function composeCommand(): readonly string[] | null {
  if (answers('docker', ['compose', 'version'])) return ['docker', 'compose'];
  return answers('docker-compose', ['version']) ? ['docker-compose'] : null;
}
