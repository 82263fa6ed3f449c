import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { follow, say } from './demo-output.ts';
import type { DemoProgram } from './demo-plan.ts';

/** How long a program may take to end after SIGTERM before it is killed. */
const graceMs = 12_000;
/** Type stripping and a cold disk on a slow machine. */
const readyWithinMs = 60_000;

/** One program of the demo. Stopping it here is a crash (SIGKILL): that is what the drill is about. */
export class RunningProgram {
  readonly plan: DemoProgram;
  #child: ChildProcess | null = null;

  constructor(plan: DemoProgram) {
    this.plan = plan;
  }

  get running(): boolean {
    return this.#child !== null;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** @throws Error when it ends instead of becoming ready, or takes longer than a minute. */
  async start(): Promise<void> {
    if (this.#child !== null) return;
    const child = spawn(process.execPath, this.plan.args, {
      env: { ...process.env, ...this.plan.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own process group: Ctrl-C reaches the demo alone, which then ends the others in order.
      detached: true,
    });
    this.#child = child;
    follow(this.plan.name, child.stdout!);
    follow(this.plan.name, child.stderr!);
    child.once('error', (error) => say(this.plan.name, `cannot be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      this.#child = null;
      say('demo', `${this.plan.name} ended (${signal ?? `exit code ${code}`})`);
    });
    await this.#ready();
  }

  async #ready(): Promise<void> {
    const deadline = Date.now() + readyWithinMs;
    while (this.#child !== null && Date.now() < deadline) {
      try {
        const answer = await fetch(this.plan.readyUrl, { signal: AbortSignal.timeout(2_000) });
        await answer.body?.cancel();
        if (answer.ok) return;
      } catch {
        // Not listening yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(
      this.#child === null
        ? `${this.plan.name} ended before it was ready; its lines above say why.`
        : `${this.plan.name} was not ready within ${readyWithinMs / 1_000} s (${this.plan.readyUrl}).`,
    );
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    const timer = setTimeout(() => this.killNow(), graceMs);
    await this.#end('SIGTERM');
    clearTimeout(timer);
  }

  /** For the demo's own last moment, when nothing can be awaited any more. */
  killNow(): void {
    this.#child?.kill('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
