import { spawnSync } from 'node:child_process';

export interface Verdict {
  readonly status: number | null;
  /** Both outputs. */
  readonly output: string;
}

/** Runs Debian's promtool; ask `requires('prometheus')` first. @param input for its standard input */
export function promtool(args: readonly string[], input = ''): Verdict {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, {
    input,
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (error !== undefined) throw error;
  return { status, output: `${stdout}${stderr}` };
}
