import type { Environment } from '../config/yaml/environment-references.ts';

export type StopSignal = 'SIGTERM' | 'SIGINT';

/** Where output goes: a terminal, or a file or a pipe, of which only `on` and `off` are of use. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  /** Characters in a line. */
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** `resize`: columns or rows are others. `error`: whoever read it is gone. */
  on(event: 'resize' | 'error', listener: () => void): unknown;
  off(event: 'resize' | 'error', listener: () => void): unknown;
}

/** What a command may touch of the process that it runs in. */
export interface CommandIo {
  /** The command's result; standard output. */
  out(text: string): void;
  /** What it has to say to people; standard error, so that standard output holds nothing but log lines. */
  err(text: string): void;
  /** Where `out` writes. */
  readonly outScreen: Screen;
  /** Where `err` writes. */
  readonly errScreen: Screen;
  readonly env: Environment;
  onSignal(signal: StopSignal, listener: () => void): void;
  offSignal(signal: StopSignal, listener: () => void): void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** The real one. */
export const processIo: CommandIo = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  outScreen: process.stdout,
  errScreen: process.stderr,
  env: process.env,
  onSignal: (signal, listener) => void process.on(signal, listener),
  offSignal: (signal, listener) => void process.off(signal, listener),
  exit: (code) => process.exit(code),
};
