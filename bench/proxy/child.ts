import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Core } from './cores.ts';

/** Enough to tell what a program complained about. */
const OUTPUT_KEPT = 8192;
const GRACE_MS = 3_000;

export interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The hard limit at least, and more where this user may raise it: 10,000 idle connections need as many files. */
const RAISE_LIMIT = 'ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$@"';

const running = new Set<Child>();

/** Whatever ends the benchmark, nothing that it started lives on. */
process.once('exit', () => {
  for (const child of running) child.killNow();
});

/** A program on one core, in a process group of its own. */
export class Child {
  readonly pid: number;
  #output = '';
  #stdout = '';
  /** Resolves with the exit code, or -1 after a signal. */
  readonly ended: Promise<number>;
  #over = false;

  /** @throws Error when there is no such program. */
  constructor({ command, args, env }: ChildCommand, core: Core) {
    const child = spawn('taskset', ['-c', String(core), 'sh', '-c', RAISE_LIMIT, 'sh', command, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    if (child.pid === undefined) throw new Error('taskset cannot be started; it is part of util-linux');
    this.pid = child.pid;
    running.add(this);
    child.stdout?.on('data', (data: Buffer) => {
      this.#stdout += data.toString('latin1');
      this.#keep(data);
    });
    child.stderr?.on('data', (data: Buffer) => this.#keep(data));
    child.once('error', (error) => this.#keep(Buffer.from(error.message)));
    // 'close' and not 'exit': only then all of its output is here.
    this.ended = once(child, 'close').then(([code]) => {
      this.#over = true;
      running.delete(this);
      return (code as number | null) ?? -1;
    });
  }

  get over(): boolean {
    return this.#over;
  }

  /** The end of what it wrote to either stream. */
  get output(): string {
    return this.#output.trim();
  }

  get stdout(): string {
    return this.#stdout;
  }

  #keep(data: Buffer): void {
    this.#output = (this.#output + data.toString('latin1')).slice(-OUTPUT_KEPT);
  }

  killNow(): void {
    this.#signal('SIGKILL');
  }

  async stop(): Promise<void> {
    if (this.#over) return;
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.killNow(), GRACE_MS);
    await this.ended;
    clearTimeout(timer);
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch {
      // Over already.
    }
  }
}

/**
 * Runs a program to its end and returns what it wrote to standard output.
 *
 * @throws Error with the end of its output when it fails, or takes longer than `withinMs`
 */
export async function runChild(command: ChildCommand, core: Core, withinMs: number): Promise<string> {
  const child = new Child(command, core);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.killNow();
  }, withinMs);
  const code = await child.ended;
  clearTimeout(timer);
  if (late) throw new Error(`${command.command} did not end within ${withinMs / 1000} s: ${child.output}`);
  if (code !== 0) throw new Error(`${command.command} failed (${code}): ${child.output}`);
  return child.stdout;
}
