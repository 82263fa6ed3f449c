import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from '../test/browser/browser.ts';
import { OPEN_SECONDS, screenshotStage } from './screenshot-stage.ts';

/**
 * `npm run screenshots [folder]`: makes docs/images/live-*.png, an outage of a service as the live page shows it. Takes
 * three minutes, because the lines need some past to show.
 */

const folder = process.argv[2] ?? join(import.meta.dirname, '../docs/images');
/** Traffic before the first picture. */
const CALM_MS = 75_000;

await mkdir(folder, { recursive: true });
await using stage = await screenshotStage();
const browser = await launchBrowser();
try {
  const wide = { viewport: { width: 1280, height: 1000 } } as const;
  const phone = {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  } as const;
  const light = await open({ ...wide, colorScheme: 'light' });
  const dark = await open({ ...wide, colorScheme: 'dark' });
  const small = await open({ ...phone, colorScheme: 'light' });
  const headline = light.getByRole('heading', { level: 1 });

  await sleep(CALM_MS);
  await headline.filter({ hasText: 'Everything answers' }).waitFor();
  await save(light, 'live-closed');

  await stage.auth.stop();
  await headline.filter({ hasText: 'auth is open' }).waitFor();
  await sleep(18_000);
  await save(light, 'live-open');
  await save(dark, 'live-dark');
  await save(small, 'live-phone');

  await stage.auth.startAgain();
  await headline.filter({ hasText: 'Everything answers' }).waitFor({ timeout: OPEN_SECONDS * 1000 });
  await sleep(16_000);
  await save(light, 'live-recovered');
} finally {
  await browser.close();
}

async function open(options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Vienna', ...options });
  const page = await context.newPage();
  await page.goto(stage.gateway.adminUrl);
  return page;
}

async function save(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}
