import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the gateway is installed, and what it is. */
export interface OwnPackage {
  /** The folder of its package.json: src/ or dist/ is beside it. */
  readonly root: string;
  readonly version: string;
}

let found: OwnPackage | null = null;

/**
 * The package of this program. It is looked for upwards from this file, because the build joins modules: how deep in
 * dist/ one ends up is not known here.
 *
 * @throws {Error} there is none
 */
export function ownPackage(): OwnPackage {
  found ??= find(dirname(fileURLToPath(import.meta.url)));
  return found;
}

function find(folder: string): OwnPackage {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest)) {
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    return { root: folder, version };
  }
  const above = dirname(folder);
  if (above === folder) throw new Error('The package.json of the gateway is missing.');
  return find(above);
}
