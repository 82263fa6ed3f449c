import { expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { openPage } from './open-page.ts';
import { StageGateway } from './stage-gateway.ts';
import { describeInBrowser } from './with-browser.ts';

/** Two upstreams whose breakers open at the first request, because nobody is there. */
const TWO_DEAD = `
upstreams:
  a: { targets: ['http://127.0.0.1:9'], circuit_breaker: { failure_threshold: 1 } }
  b: { targets: ['http://127.0.0.1:9'], circuit_breaker: { failure_threshold: 1 } }
routes:
  - { path: /a/*, upstream: a }
  - { path: /b/*, upstream: b }
`;

const MARKUP = '<img src=x onerror=document.title=1>';

describeInBrowser('the views of the live page', (stage) => {
  it('show each route with what it passes through, and the configuration without its secrets', async () => {
    const yaml = `
upstreams:
  api: { targets: ['http://127.0.0.1:9'], circuit_breaker: { name: api-http } }
routes:
  - path: /api/*
    upstream: api
    retry: { attempts: 3, budget: 20% }
    fallback: [{ static: { status: 200, json: { text: '${MARKUP}' } } }]
`;
    await using gateway = await StageGateway.start(stage.folder, yaml, 'secret-token');
    await using opened = await openPage(stage.browser, `${gateway.adminUrl}/#/routes`);
    const { page, problems } = opened;
    await page.getByLabel('Token').fill('secret-token');
    await page.keyboard.press('Enter');
    const row = page.getByRole('row', { name: '/api/*' });
    await row.waitFor();
    expect(await row.getByRole('listitem').allTextContents()).toEqual([
      'fallbackstatic 200',
      'retry3, 20%',
      'breakerapi-http',
      'timeout10s',
      'round_robinover 1 target',
    ]);

    await page.getByRole('link', { name: 'Configuration' }).click();
    const tree = page.getByRole('region', { name: 'Configuration' });
    await tree.getByText('admin', { exact: true }).waitFor();
    expect(await tree.textContent()).not.toContain('secret-token');
    // Text stays text, in what is still closed too.
    expect(await tree.textContent()).toContain(MARKUP);
    expect(await tree.locator('img').count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it('stay usable with 200 upstreams: one line each, found by name or state', async () => {
    const names = Array.from({ length: 200 }, (_, number) => `service-${number}`);
    const yaml = [
      'upstreams:',
      ...names.map(
        (name) => `  ${name}: { targets: ['http://127.0.0.1:9'], circuit_breaker: { failure_threshold: 1 } }`,
      ),
      'routes:',
      ...names.map((name) => `  - { path: /${name}/*, upstream: ${name} }`),
    ].join('\n');
    await using gateway = await StageGateway.start(stage.folder, yaml);
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const { page } = opened;
    const rows = page.locator('.upstream-row');
    await eventually(async () => expect(await rows.count()).toBe(200));
    await gateway.ask('/service-150/');
    await page.getByRole('heading', { level: 1, name: 'service-150 is open' }).waitFor();
    expect(await rows.first().textContent()).toContain('service-150');

    await page.getByText('In trouble').click();
    expect(await rows.count()).toBe(1);
    await page.getByText('All', { exact: true }).click();
    await page.getByLabel('Filter by name').fill('SERVICE-15');
    expect(await rows.count()).toBe(11);
    await page.getByLabel('Filter by name').fill('service-7x');
    await page.getByText('No upstream is called or in a state like that.').waitFor();
    await page.getByLabel('Filter by name').fill('service-150');
    await rows.first().locator('summary').first().click();
    await rows.first().getByText('Next probe in').waitFor();
    await rows.first().getByRole('button', { name: 'Force closed: service-150' }).waitFor();
  });

  it('move no card under a pointer, and put those in trouble first once it has left', async () => {
    await using gateway = await StageGateway.start(stage.folder, TWO_DEAD);
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const { page } = opened;
    const names = (): Promise<string[]> => page.getByRole('article').getByRole('heading').allTextContents();
    await page.getByRole('article', { name: 'a' }).hover();
    await gateway.ask('/b/');
    await page.getByRole('article', { name: 'b' }).getByText('Open', { exact: true }).waitFor();
    expect(await names()).toEqual(['a', 'b']);
    await page.getByRole('heading', { level: 1 }).hover();
    await eventually(async () => expect(await names()).toEqual(['b', 'a']));
  });

  it('show the timeline of one upstream alone, if that is wanted', async () => {
    await using gateway = await StageGateway.start(stage.folder, TWO_DEAD);
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const timeline = opened.page.getByRole('region', { name: 'Timeline' });
    await gateway.ask('/a/');
    await gateway.ask('/b/');
    await timeline.getByText('b opened').waitFor();
    await timeline.getByLabel('Show events of').selectOption('a');
    expect(await timeline.locator('.entry-sentence').allTextContents()).toEqual([
      'a opened: 1 failure in a row',
    ]);
    await timeline.getByLabel('Show events of').selectOption('');
    expect(await timeline.locator('.entry-sentence').count()).toBe(3);
  });
});
