import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** What users run. */
export const gatewayCli = join(root, 'dist/cli.js');

/**
 * Compiles the gateway where dist/ is older than the source.
 *
 * @throws Error when it does not compile
 */
export function buildGateway(): void {
  if (existsSync(gatewayCli) && statSync(gatewayCli).mtimeMs >= newestSource()) return;
  console.error('dist/ is older than src/: compiling');
  const { status, stdout } = spawnSync(process.execPath, ['tools/build.ts'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The gateway does not compile: ${stdout}`);
}

function newestSource(): number {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  return Math.max(...files.map((file) => statSync(join(root, 'src', file)).mtimeMs));
}
