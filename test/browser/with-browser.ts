import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { requires } from '../helpers/requires.ts';
import type { TemporaryFolder } from '../helpers/temporary-folder.ts';
import { launchBrowser } from './browser.ts';
import { pagePackage } from './page-package.ts';

export interface BrowserStage {
  readonly browser: Browser;
  /** Of the gateway with its page, see pagePackage. */
  readonly folder: string;
}

/** Tests that look at the page in Chromium; skipped where there is none. They have long: a browser starts slowly on a busy machine. */
export function describeInBrowser(name: string, tests: (stage: BrowserStage) => void): void {
  describe.skipIf(!requires('chromium').available)(name, { timeout: 90_000 }, () => {
    const stage = { browser: null as unknown as Browser, folder: '' };
    let folder: TemporaryFolder | null = null;
    beforeAll(async () => {
      folder = await pagePackage();
      stage.folder = folder.path;
      stage.browser = await launchBrowser();
    });
    afterAll(async () => {
      await stage.browser?.close();
      await folder?.[Symbol.asyncDispose]();
    });
    tests(stage);
  });
}
