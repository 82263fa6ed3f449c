import { fileURLToPath } from 'node:url';
import type { ChildCommand } from './child.ts';

/** @param file in programs/ */
export function nodeProgram(file: string, args: readonly (string | number)[]): ChildCommand {
  const path = fileURLToPath(new URL(`./programs/${file}`, import.meta.url));
  return { command: process.execPath, args: [path, ...args.map(String)] };
}
