import { type ChildProcess, spawn } from 'node:child_process';
import { guardGroup, unguardGroup } from './process-guard.ts';

/** One line that the process wrote as JSON (pino); other lines have only `msg`. */
export interface LogLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface ProcessOptions {
  /** For messages of failures. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the process, nothing is inherited. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string | undefined;
  /** The line that says that the process is ready. Without it the process counts as ready at once. */
  readonly readyWhen?: ((line: LogLine) => boolean) | undefined;
  /** Milliseconds until the process must be ready. @default 30000 */
  readonly readyTimeoutMs?: number | undefined;
}

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A real process under test: its log is kept, and it never outlives the test run. */
export class RunningProcess {
  readonly name: string;
  readonly lines: LogLine[] = [];
  readonly exited: Promise<ExitStatus>;
  /** The line that matched `readyWhen`. */
  ready: LogLine = { msg: '' };
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  #ended = false;

  constructor(options: ProcessOptions) {
    this.name = options.name;
    const env = Object.fromEntries(Object.entries(options.env).filter(([, value]) => value !== undefined));
    this.#child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env,
      // A process group of its own: a shell's children end with the shell.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (this.#child.pid !== undefined) guardGroup(this.#child.pid);
    this.#read(this.#child.stdout);
    this.#read(this.#child.stderr);
    this.exited = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.#ended = true;
        if (this.#child.pid !== undefined) unguardGroup(this.#child.pid);
        this.#wake();
        resolve({ code, signal });
      };
      this.#child.once('close', end);
      this.#child.once('error', (error) => {
        this.lines.push({ msg: error.message });
        end(null, null);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Everything that the process wrote, for the message of a failed assertion. */
  get output(): string {
    return this.lines
      .map((line) => (Object.keys(line).length === 1 ? line.msg : JSON.stringify(line)))
      .join('\n');
  }

  /** The first line that matches, now or later; fails with the whole output after `timeoutMs`. */
  async waitForLine(matches: (line: LogLine) => boolean, timeoutMs = 30_000): Promise<LogLine> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const line = this.lines.find(matches);
      if (line) return line;
      const leftMs = deadline - performance.now();
      if (this.#ended || leftMs <= 0) {
        const why = this.#ended ? 'ended' : `was silent about it for ${timeoutMs} ms`;
        throw new Error(`${this.name} ${why} before the expected line. Its output:\n${this.output}`);
      }
      await this.#nextLine(leftMs);
    }
  }

  /** Sends a signal to the process and its children. SIGSTOP and SIGCONT pause and continue it. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#ended) killGroup(this.#child, signal);
  }

  /** Sends the signal and waits for the end. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<ExitStatus> {
    this.signal(signal);
    return this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill('SIGKILL');
  }

  #nextLine(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#watchers.add(done);
    });
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #read(stream: NodeJS.ReadableStream | null): void {
    if (!stream) return;
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) this.lines.push(parseLine(part));
      this.#wake();
    });
    stream.on('end', () => {
      if (rest) this.lines.push(parseLine(rest));
    });
  }
}

function parseLine(text: string): LogLine {
  if (!text.startsWith('{')) return { msg: text };
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { msg: '', ...parsed } : { msg: text };
  } catch {
    return { msg: text };
  }
}

/**
 * Starts a process and waits until it is ready.
 *
 * @throws Error with the whole output when it ends or is silent instead; the process is killed then.
 */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const child = new RunningProcess(options);
  if (!options.readyWhen) return child;
  try {
    child.ready = await child.waitForLine(options.readyWhen, options.readyTimeoutMs ?? 30_000);
    return child;
  } catch (error) {
    await child.kill('SIGKILL');
    throw error;
  }
}
