import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { CutProxy } from './cut-proxy.ts';
import { openPage } from './open-page.ts';
import { StageGateway } from './stage-gateway.ts';
import { StageUpstream } from './stage-upstream.ts';
import { describeInBrowser } from './with-browser.ts';

const yaml = (target: string): string => `
upstreams:
  auth: { targets: [${target}], circuit_breaker: { failure_threshold: 2, open_timeout: 1s } }
routes:
  - { path: /*, upstream: auth }
`;

describeInBrowser('the connection of the live page', (stage) => {
  it('comes back by itself after it was cut, and misses no event', async () => {
    await using upstream = await StageUpstream.start();
    await using gateway = await StageGateway.start(stage.folder, yaml(upstream.url));
    await using line = await CutProxy.start(gateway.adminUrl);
    await using opened = await openPage(stage.browser, line.url);
    const { page } = opened;
    const timeline = page.getByRole('region', { name: 'Timeline' });
    const banner = page.getByRole('region', { name: 'Connection' });
    await timeline.getByText('The gateway started').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();

    line.cut();
    await banner.getByText(/Disconnected\..*Trying again in \d s\..*What you see is from/).waitFor();
    expect(await page.title()).toBe('Disconnected · Breakwater');
    // What is shown is old, and cannot be acted on.
    await page.getByText('So it was when the gateway was last heard.').waitFor();
    expect(await page.getByRole('article', { name: 'auth' }).getByRole('button').first().isDisabled()).toBe(
      true,
    );
    await upstream.stop();
    await gateway.ask('/a', 2);
    await upstream.startAgain();
    await eventually(async () => expect(await gateway.ask('/a')).toEqual([200]));

    line.mend();
    await banner.waitFor({ state: 'detached', timeout: 15_000 });
    await timeline.getByText('auth recovered, and is closed').waitFor();
    const sentences = await page.locator('.entry-sentence').allTextContents();
    expect(sentences).toEqual([
      'auth recovered, and is closed',
      'auth half-opened: it lets a probe through',
      'auth opened: 2 failures in a row',
      'The gateway started',
    ]);
  });

  it('tries at once when asked to', async () => {
    await using gateway = await StageGateway.start(stage.folder, yaml('http://127.0.0.1:9'));
    await using line = await CutProxy.start(gateway.adminUrl);
    await using opened = await openPage(stage.browser, line.url);
    const { page } = opened;
    await page.getByText('Live', { exact: true }).waitFor();
    line.cut();
    // Some tries later the waits are long.
    await page.getByText(/Trying again in [3-8] s/).waitFor({ timeout: 15_000 });
    line.mend();
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 3000 });
  });

  it('takes a gateway that was started anew for what it is', async () => {
    await using gateway = await StageGateway.start(stage.folder, yaml('http://127.0.0.1:9'));
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const { page } = opened;
    const timeline = page.getByRole('region', { name: 'Timeline' });
    await gateway.ask('/a', 2);
    await timeline.getByText('auth opened: 2 failures in a row').waitFor();
    await gateway.end();
    await page.getByText('Disconnected.').waitFor();
    await gateway.begin();
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 15_000 });
    await timeline.getByText('auth opened').waitFor({ state: 'detached' });
    await timeline.getByText('The gateway started').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Everything is ready' }).waitFor();
  });

  it('misses no event of a gateway that was started anew and already has more of them', async () => {
    await using upstream = await StageUpstream.start();
    await using gateway = await StageGateway.start(stage.folder, yaml(upstream.url));
    await using line = await CutProxy.start(gateway.adminUrl);
    await using opened = await openPage(stage.browser, line.url);
    const { page } = opened;
    const sentences = (): Promise<string[]> => page.locator('.entry-sentence').allTextContents();
    await eventually(async () => expect(await sentences()).toEqual(['The gateway started']));
    line.cut();
    await gateway.end();
    await gateway.begin();
    await gateway.ask('/a/500', 2);
    line.mend();
    await eventually(async () =>
      expect(await sentences()).toEqual(['auth opened: 2 failures in a row', 'The gateway started']),
    );
  });

  it('loads the page anew when another version of the gateway answers', async () => {
    await using gateway = await StageGateway.start(stage.folder, yaml('http://127.0.0.1:9'));
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const { page } = opened;
    await page.getByText('Live', { exact: true }).waitFor();
    await page.evaluate('window.before = true');
    await gateway.end();
    const file = join(stage.folder, 'package.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, JSON.stringify({ ...JSON.parse(text), version: '77.7.7' }));
    await gateway.begin().finally(() => writeFile(file, text));
    await page.getByText('77.7.7').waitFor();
    expect(await page.evaluate('window.before')).toBe(undefined);
  });

  it('says so when it cannot read what it gets, and tries again ever more slowly', async () => {
    await using gateway = await StageGateway.start(stage.folder, yaml('http://127.0.0.1:9'));
    await using opened = await openPage(stage.browser, 'about:blank');
    const { page, problems } = opened;
    let asked = 0;
    await page.route(/\/events$/, (route) => {
      asked++;
      return route.fulfill({ contentType: 'text/event-stream', body: 'event: overview\ndata: {"at":\n\n' });
    });
    await page.goto(gateway.adminUrl);
    await page.getByText('The gateway sent something that this page cannot read.').waitFor();
    await page.getByText(/Trying again in [3-5] s/).waitFor();
    expect(asked).toBeLessThanOrEqual(4);
    expect(problems).toEqual([]);
  });

  it('says so when it cannot show what it gets', async () => {
    await using gateway = await StageGateway.start(stage.folder, yaml('http://127.0.0.1:9'));
    await using opened = await openPage(stage.browser, 'about:blank');
    const { page } = opened;
    await page.route(/\/events$/, async (route) => {
      const overview = await (await fetch(`${gateway.adminUrl}/overview`)).json();
      const { pools: _, ...older } = overview as Record<string, unknown>;
      const body = `event: overview\ndata: ${JSON.stringify(older)}\n\n`;
      return route.fulfill({ contentType: 'text/event-stream', body });
    });
    await page.goto(gateway.adminUrl);
    await page
      .getByRole('heading', { level: 1, name: 'This page cannot show what the gateway sends' })
      .waitFor();
    await page.unroute(/\/events$/);
    await page.getByRole('button', { name: 'Load it anew' }).click();
    await page.getByRole('article', { name: 'auth' }).waitFor();
  });

  it('shows that it waits for the first answer, but not for ever', async () => {
    await using gateway = await StageGateway.start(stage.folder, yaml('http://127.0.0.1:9'));
    await using opened = await openPage(stage.browser, 'about:blank');
    const { page } = opened;
    // The page comes, the data does not.
    await page.route(/\/(session|events)$/, () => undefined);
    await page.goto(gateway.adminUrl);
    await page.getByRole('heading', { level: 1, name: 'Asking the gateway…' }).waitFor();
    expect(await page.locator('[aria-busy=true]').count()).toBe(1);
    await page.getByRole('heading', { level: 1, name: 'Nothing heard from the gateway yet' }).waitFor();
    await page.getByText('The gateway does not answer.').waitFor();
  });
});
