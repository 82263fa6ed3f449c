import type { BrowserContextOptions } from 'playwright-core';
import { expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { openPage } from './open-page.ts';
import { runAxe } from './run-axe.ts';
import { StageGateway } from './stage-gateway.ts';
import { StageUpstream } from './stage-upstream.ts';
import { describeInBrowser } from './with-browser.ts';

const yaml = (target: string): string => `
bulkheads: { read: { max_concurrent: 4 } }
upstreams:
  auth: { targets: [${target}], circuit_breaker: { name: auth-http, failure_threshold: 2 } }
  held: { targets: ['http://127.0.0.1:9'] }
  school: { targets: [${target}, 'http://localhost:9'], bulkhead: { max_concurrent: 8 } }
routes:
  - { path: /auth/*, upstream: auth }
  - { path: /held/*, upstream: held }
  - { path: /schools/*, upstream: school, methods: [GET], bulkhead: { read: read }, retry: { attempts: 2 } }
`;

const LOOKS: readonly [string, BrowserContextOptions][] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['on a phone', { colorScheme: 'light', viewport: { width: 360, height: 740 } }],
];

describeInBrowser('the live page, to axe', (stage) => {
  it.each(LOOKS)('has nothing to find fault with, %s', async (_name, look) => {
    await using upstream = await StageUpstream.start();
    await using gateway = await StageGateway.start(stage.folder, yaml(upstream.url));
    await using opened = await openPage(stage.browser, gateway.adminUrl, {
      ...look,
      bypassCSP: true,
      reducedMotion: 'reduce',
    });
    const { page } = opened;
    const headline = page.getByRole('heading', { level: 1 });
    await headline.filter({ hasText: 'Everything is ready' }).waitFor();
    expect(await runAxe(page)).toEqual([]);

    await gateway.ask('/auth/500', 3);
    await gateway.ask('/schools/1', 3);
    await fetch(`${gateway.adminUrl}/breakers/held/close`, { method: 'POST' });
    await headline.filter({ hasText: 'auth is open' }).waitFor();
    await page.getByText('Held closed').waitFor();
    for (const details of await page.locator('details > summary').all()) await details.click();
    expect(await runAxe(page)).toEqual([]);

    await page.getByRole('article', { name: 'auth' }).getByRole('button', { name: 'Force open' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await runAxe(page)).toEqual([]);
    await page.keyboard.press('Escape');

    for (const view of ['Routes', 'Configuration']) {
      await page.getByRole('link', { name: view }).click();
      await headline.filter({ hasText: view }).waitFor();
      expect(await runAxe(page)).toEqual([]);
    }
    await page.getByRole('link', { name: 'Overview' }).click();
    await gateway.end();
    await page.getByText('Disconnected.').waitFor();
    expect(await runAxe(page)).toEqual([]);
  });

  it('has nothing to find fault with while it asks for the token', async () => {
    await using gateway = await StageGateway.start(stage.folder, yaml('http://127.0.0.1:9'), 'sesame');
    await using opened = await openPage(stage.browser, gateway.adminUrl, { bypassCSP: true });
    const { page } = opened;
    await page.getByLabel('Token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('This token is not the one').waitFor();
    expect(await runAxe(page)).toEqual([]);
  });
});

describeInBrowser('the live page', (stage) => {
  it('can be walked through by keyboard, past the navigation if one wants', async () => {
    await using gateway = await StageGateway.start(stage.folder, yaml('http://127.0.0.1:9'));
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const { page } = opened;
    await page.getByRole('article').first().waitFor();
    const focused = (): Promise<unknown> => page.evaluate('document.activeElement.textContent.trim()');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Force open');

    await page.getByRole('link', { name: 'Routes' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Routes' }).waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
  });

  // 1280 px at a zoom of 400% are 320 (WCAG 1.4.10); at 200% they are 640.
  it('needs no scrolling to the side on narrow screens and at high zoom, however long the names', async () => {
    const long = 'a-service-whose-name-goes-on-and-on-and-never-seems-to-end';
    const names = `
upstreams:
  ${long}: { targets: ['http://and.so.does.the.name.of.its.host.within.some.domain.example:8080'] }
routes:
  - { path: /a/path/that/goes/on/and/on/like/its/upstream/does/*, upstream: ${long} }
`;
    await using gateway = await StageGateway.start(stage.folder, names);
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const { page } = opened;
    await page.getByRole('article').first().waitFor();
    for (const width of [320, 360, 640]) {
      await page.setViewportSize({ width, height: 740 });
      for (const view of ['Overview', 'Routes', 'Configuration']) {
        await page.getByRole('link', { name: view }).click();
        await page
          .locator(view === 'Overview' ? 'article' : 'h1')
          .filter({ hasText: view === 'Overview' ? long : view })
          .waitFor();
        await eventually(async () =>
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width),
        );
      }
    }
  });

  it('remembers the colours that were chosen', async () => {
    await using gateway = await StageGateway.start(stage.folder, yaml('http://127.0.0.1:9'));
    await using opened = await openPage(stage.browser, gateway.adminUrl, { colorScheme: 'light' });
    const { page } = opened;
    const background = (): Promise<unknown> =>
      page.evaluate('getComputedStyle(document.body).backgroundColor');
    await page.getByRole('article').first().waitFor();
    const light = await background();
    await page.getByRole('button', { name: 'Colours: Auto' }).click();
    expect(await background()).toBe(light);
    await page.getByRole('button', { name: 'Colours: Light' }).click();
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.getByRole('article').first().waitFor();
    expect(await background()).toBe(dark);
    await page.getByRole('button', { name: 'Colours: Dark' }).click();
    await page.emulateMedia({ colorScheme: 'dark' });
    await eventually(async () => expect(await background()).toBe(dark));
    await page.emulateMedia({ colorScheme: 'light' });
    await eventually(async () => expect(await background()).toBe(light));
  });
});
