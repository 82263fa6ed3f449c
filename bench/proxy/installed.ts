import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What a program says of its version, or null where there is none. */
export function programVersion(command: string, args: readonly string[], pattern: RegExp): string | null {
  const { error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) return null;
  return pattern.exec(stdout + stderr)?.[1] ?? 'unknown';
}

/** The version of an installed package, or null. */
export function packageVersion(name: string): string | null {
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    try {
      const manifest = JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8'));
      return String(manifest.version);
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
