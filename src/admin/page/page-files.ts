import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface PageFile {
  readonly contentType: string;
  readonly body: Buffer;
}

/** The live page as it was built: read once, so that no path of a request ever comes near the file system. */
export interface PageFiles {
  /** Null: it has not been built. */
  readonly index: PageFile | null;
  /** By name; the names hold hashes of what is in them. */
  readonly assets: ReadonlyMap<string, PageFile>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

/** @param folder with `index.html` and `assets/` */
export function readPageFiles(folder: string): PageFiles {
  const assets = join(folder, 'assets');
  const names = ifThere(() => readdirSync(assets, { withFileTypes: true })) ?? [];
  return {
    index: ifThere(() => pageFile(join(folder, 'index.html'))),
    assets: new Map(
      names.filter((entry) => entry.isFile()).map(({ name }) => [name, pageFile(join(assets, name))]),
    ),
  };
}

function pageFile(path: string): PageFile {
  return {
    contentType: CONTENT_TYPES[extname(path)] ?? 'application/octet-stream',
    body: readFileSync(path),
  };
}

function ifThere<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
