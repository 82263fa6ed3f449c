import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type InlineConfig } from 'vite';

/** `node tools/build-page.ts [folder]`: makes the live page of the admin port out of src/dashboard. */

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Built into the page, so that whoever uses it installs neither. */
export const PAGE_PACKAGES = ['preact', 'uplot'];

/** @param outDir is emptied first. @default dist/dashboard */
export async function buildPage(outDir = join(root, 'dist/dashboard')): Promise<void> {
  await build(pageConfig(outDir));
}

function pageConfig(outDir: string): InlineConfig {
  return {
    root: join(root, 'src/dashboard'),
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'warn',
    // Relative, so that the page also works behind a proxy that serves it under a path.
    base: './',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      // What both would put into the page is an inline script or a data: URL; its policy allows no inline script.
      modulePreload: false,
      assetsInlineLimit: 0,
      cssCodeSplit: false,
      reportCompressedSize: false,
    },
  };
}

if (import.meta.main) await buildPage(process.argv[2]);
