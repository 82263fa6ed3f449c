import { join } from 'node:path';
import type { ChildCommand } from './child.ts';

/** The part of nginx.conf that stands before `http`: one worker that stays in the foreground, all files in `folder`. */
export function nginxMain(folder: string): string {
  // Started by root, the worker would become another user, who may not read the folder.
  const user = process.getuid?.() === 0 ? 'user root root;\n' : '';
  return `${user}worker_processes 1;
worker_rlimit_nofile 20000;
daemon off;
pid ${join(folder, 'nginx.pid')};
error_log stderr error;
events { worker_connections 16384; }`;
}

export function nginxCommand(folder: string): ChildCommand {
  return { command: 'nginx', args: ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')] };
}
