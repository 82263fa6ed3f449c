import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
  it('has nothing to find fault with: light, dark, on a phone', async () => {
    await using upstream = await StageUpstream.start();
    await using gateway = await StageGateway.start(stage.folder, yaml(upstream.url));
    await using looks = new AsyncDisposableStack();
    const pages: [string, Page][] = [];
    for (const [name, look] of LOOKS) {
      const options = { ...look, bypassCSP: true, reducedMotion: 'reduce' } as const;
      pages.push([name, looks.use(await openPage(stage.browser, gateway.adminUrl, options)).page]);
    }
    /** Brings each page into a state, and has axe look at it. */
    const inspect = async (state: string, bring: (page: Page) => Promise<unknown>): Promise<void> => {
      for (const [name, page] of pages) {
        await bring(page);
        expect(await runAxe(page), `${state}, ${name}`).toEqual([]);
      }
    };
    const headline = (page: Page, text: string) =>
      page.getByRole('heading', { level: 1 }).filter({ hasText: text }).waitFor();
    await inspect('calm', (page) => headline(page, 'Everything is ready'));

    await gateway.ask('/auth/500', 3);
    await gateway.ask('/schools/1', 3);
    await fetch(`${gateway.adminUrl}/breakers/held/close`, { method: 'POST' });
    await inspect('an outage', async (page) => {
      await headline(page, 'auth is open');
      await page.getByText('Held closed').waitFor();
      for (const details of await page.locator('details > summary').all()) await details.click();
    });
    await inspect('a question', async (page) => {
      const card = page.getByRole('article', { name: 'auth' });
      await card.getByRole('button', { name: 'Force open' }).click();
      await page.getByRole('dialog').waitFor();
    });
    for (const view of ['Routes', 'Configuration']) {
      await inspect(view, async (page) => {
        await page.keyboard.press('Escape');
        await page.getByRole('link', { name: view }).click();
        await headline(page, view);
      });
    }
    for (const [, page] of pages) await page.getByRole('link', { name: 'Overview' }).click();
    await gateway.end();
    await inspect('disconnected', (page) => page.getByText('Disconnected.').waitFor());
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
  let gateway: StageGateway;
  beforeAll(async () => {
    gateway = await StageGateway.start(stage.folder, yaml('http://127.0.0.1:9'));
  });
  afterAll(() => gateway?.end());

  it('can be walked through by keyboard, past the navigation if one wants', async () => {
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
    await using other = await StageGateway.start(stage.folder, names);
    await using opened = await openPage(stage.browser, other.adminUrl);
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
