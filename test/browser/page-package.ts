import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { buildPage } from '../../tools/build-page.ts';
import { type TemporaryFolder, temporaryFolder } from '../helpers/temporary-folder.ts';

const root = join(import.meta.dirname, '../..');

/**
 * The gateway's sources with the page as it is now, in a folder of their own: a gateway takes its page from dist/ beside
 * its sources, and the dist/ of the repository is made anew by another test at any time.
 */
export async function pagePackage(): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  await Promise.all([
    cp(join(root, 'src'), join(folder.path, 'src'), { recursive: true }),
    cp(join(root, 'package.json'), join(folder.path, 'package.json')),
    symlink(join(root, 'node_modules'), join(folder.path, 'node_modules')),
    mkdir(join(folder.path, 'dist')).then(() => buildPage(join(folder.path, 'dist/dashboard'))),
  ]);
  return folder;
}
