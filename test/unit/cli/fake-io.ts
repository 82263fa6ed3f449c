import { EventEmitter } from 'node:events';
import type { CommandIo, Screen, StopSignal } from '../../../src/cli/command-io.ts';
import type { Environment } from '../../../src/config/yaml/environment-references.ts';

/** A terminal whose size can be changed, or with no size what is no terminal. */
export class FakeScreen extends EventEmitter implements Screen {
  readonly isTTY: boolean;
  columns: number | undefined;
  rows: number | undefined;

  constructor(columns?: number, rows = 24) {
    super();
    this.isTTY = columns !== undefined;
    this.columns = columns;
    this.rows = columns === undefined ? undefined : rows;
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.emit('resize');
  }
}

/** A process of which everything can be seen, and to which signals can be sent. */
export class FakeIo implements CommandIo {
  stdout = '';
  stderr = '';
  readonly exits: number[] = [];
  readonly env: Environment;
  readonly outScreen: FakeScreen;
  readonly errScreen: FakeScreen;
  readonly listeners = new Map<StopSignal, Set<() => void>>([
    ['SIGTERM', new Set()],
    ['SIGINT', new Set()],
  ]);

  /** @param screen of both outputs. @default no terminal */
  constructor(env: Environment = {}, screen = new FakeScreen()) {
    this.env = env;
    this.outScreen = screen;
    this.errScreen = screen;
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
