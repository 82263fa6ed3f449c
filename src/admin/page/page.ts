import { AdminError } from '../admin-error.ts';
import { type PageFile, type PageFiles, readPageFiles } from './page-files.ts';

export interface PageAnswer extends PageFile {
  readonly headers: Readonly<Record<string, string>>;
}

const NOT_BUILT: PageFile = {
  contentType: 'text/html; charset=utf-8',
  body: Buffer.from(
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Breakwater</title>' +
      '<p>The live page has not been built yet: run <code>npm run build</code> and start the gateway again.</p></html>\n',
  ),
};

/**
 * The page takes nothing but what comes with it, talks to nobody else, sits in no frame, and makes no markup of text
 * (CSP 3, Trusted Types). Nothing else of this origin would be worth a window's or a frame's attention.
 */
const SECURITY = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const;

/** The live page. Its files are read when somebody first wants to see it. */
export class Page {
  readonly #folder: string;
  #files: PageFiles | null = null;

  /** @param folder where it was built */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** One that has not been built says how to. */
  index(): PageAnswer {
    return { ...(this.#read().index ?? NOT_BUILT), headers: { ...SECURITY, 'Cache-Control': 'no-cache' } };
  }

  /** @throws {AdminError} `NOT_FOUND` */
  asset(name: string): PageAnswer {
    const file = this.#read().assets.get(name);
    if (file === undefined) throw new AdminError('NOT_FOUND', 'The live page has no such file.');
    // Another content has another name.
    return { ...file, headers: { ...SECURITY, 'Cache-Control': 'public, max-age=31536000, immutable' } };
  }

  #read(): PageFiles {
    this.#files ??= readPageFiles(this.#folder);
    return this.#files;
  }
}
