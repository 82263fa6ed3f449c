import type { CommandIo, StopSignal } from '../../../src/cli/command-io.ts';
import type { Environment } from '../../../src/config/yaml/environment-references.ts';

/** A process of which everything can be seen, and to which signals can be sent. */
export class FakeIo implements CommandIo {
  stdout = '';
  stderr = '';
  readonly exits: number[] = [];
  readonly env: Environment;
  readonly listeners = new Map<StopSignal, Set<() => void>>([
    ['SIGTERM', new Set()],
    ['SIGINT', new Set()],
  ]);

  constructor(env: Environment = {}) {
    this.env = env;
  }

  out(text: string): void {
    this.stdout += text;
  }

  err(text: string): void {
    this.stderr += text;
  }

  onSignal(signal: StopSignal, listener: () => void): void {
    this.listeners.get(signal)?.add(listener);
  }

  offSignal(signal: StopSignal, listener: () => void): void {
    this.listeners.get(signal)?.delete(listener);
  }

  exit(code: number): void {
    this.exits.push(code);
  }

  /** @throws Error when nobody listens: the real process would have been killed */
  send(signal: StopSignal): void {
    const listeners = [...(this.listeners.get(signal) ?? [])];
    if (listeners.length === 0) throw new Error(`nobody listens for ${signal}`);
    for (const listener of listeners) listener();
  }

  get listening(): number {
    return [...this.listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }
}
