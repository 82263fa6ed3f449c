import type { ConfigError } from '../config/config-error.ts';
import type { CommandIo } from './command-io.ts';

/** Every mistake with its place, and how many there are. */
export function printConfigError(error: ConfigError, io: CommandIo): void {
  const { length } = error.problems;
  io.err(`${error.message}\n\n${length === 1 ? '1 mistake' : `${length} mistakes`}; nothing was started\n`);
}
