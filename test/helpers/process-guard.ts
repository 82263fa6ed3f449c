import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

// Reads "+ group" and "- group" lines. Its input ends when the test process does, however that came about:
// no handler of our own would run when a worker is killed because its test hangs.
const script = `
groups=""
while read -r change group; do
  if [ "$change" = + ]; then groups="$groups $group"; continue; fi
  rest=""
  for each in $groups; do [ "$each" = "$group" ] || rest="$rest $each"; done
  groups=$rest
done
for each in $groups; do kill -s KILL -- "-$each" 2>/dev/null; done
`;

let guard: ChildProcess | null = null;

function tell(line: string): void {
  if (guard === null) {
    guard = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    guard.on('error', () => undefined);
    guard.stdin?.on('error', () => undefined);
    guard.unref();
    (guard.stdin as Socket).unref();
  }
  guard.stdin?.write(`${line}\n`);
}

/** From now on the process group is killed when this process ends. */
export function guardGroup(group: number): void {
  tell(`+ ${group}`);
}

/** The group has ended; its number may belong to others from now on. */
export function unguardGroup(group: number): void {
  tell(`- ${group}`);
}
