import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { openPage } from './open-page.ts';
import { StageGateway } from './stage-gateway.ts';
import { StageUpstream } from './stage-upstream.ts';
import { describeInBrowser } from './with-browser.ts';

const yaml = (target: string): string => `
upstreams:
  auth: { targets: [${target}], circuit_breaker: { name: auth-http, failure_threshold: 2 } }
routes:
  - { path: /*, upstream: auth }
`;

async function confirm(page: Page, card: Locator, label: string): Promise<void> {
  await card.getByRole('button', { name: label }).click();
  await page.getByRole('dialog').getByRole('button', { name: label }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

describeInBrowser('the buttons of the live page', (stage) => {
  it('force open, release, force closed and reset, each after it was confirmed', async () => {
    await using upstream = await StageUpstream.start();
    await using gateway = await StageGateway.start(stage.folder, yaml(upstream.url));
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const { page, problems } = opened;
    const card = page.getByRole('article', { name: 'auth' });

    await confirm(page, card, 'Force open');
    await card.getByText('Held open').waitFor();
    // Whoever works by keyboard goes on where they were.
    const release = card.getByRole('button', { name: 'Release' });
    await eventually(async () => expect(await release.evaluate((one) => one.matches(':focus'))).toBe(true));
    expect(await gateway.ask('/a')).toEqual([503]);
    await page.getByRole('heading', { level: 1, name: 'auth is held open' }).waitFor();
    await page.getByText('Operator: force open auth-http').waitFor();

    await confirm(page, card, 'Release');
    await card.getByText('Half-open').waitFor();
    expect(await gateway.ask('/a')).toEqual([200]);
    await card.getByText('Closed', { exact: true }).waitFor();

    await confirm(page, card, 'Force closed');
    await card.getByText('Held closed').waitFor();
    await upstream.stop();
    expect(await gateway.ask('/a', 4)).toEqual([502, 502, 502, 502]);

    await confirm(page, card, 'Release');
    await card.getByText('Closed', { exact: true }).waitFor();
    expect(await gateway.ask('/a', 3)).toEqual([502, 502, 503]);
    await card.getByText('Open', { exact: true }).waitFor();
    await confirm(page, card, 'Reset');
    await card.getByText('Closed', { exact: true }).waitFor();
    // It was closed by somebody, and has not recovered of itself.
    expect(await card.textContent()).not.toContain('Recovered');
    expect(await card.textContent()).toContain('Opens after 2 failures in a row');
    expect(await gateway.ask('/a')).toEqual([502]);
    expect(problems).toEqual([]);
  });

  it('do nothing when they are not confirmed, and give the focus back', async () => {
    await using upstream = await StageUpstream.start();
    await using gateway = await StageGateway.start(stage.folder, yaml(upstream.url));
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const { page } = opened;
    const button = page.getByRole('article', { name: 'auth' }).getByRole('button', { name: 'Force open' });
    for (const leave of ['Escape', 'Cancel']) {
      await button.focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Hold auth open?' });
      expect(await dialog.textContent()).toContain('Requests to auth get 503 at once');
      if (leave === 'Escape') await page.keyboard.press('Escape');
      else await dialog.getByRole('button', { name: 'Cancel' }).click();
      await dialog.waitFor({ state: 'detached' });
      await eventually(async () =>
        expect(await button.evaluate((element) => element.matches(':focus'))).toBe(true),
      );
    }
    expect(await gateway.ask('/a')).toEqual([200]);

    // What somebody else does later does not take the focus there.
    await button.evaluate((element) => (element as unknown as { blur(): void }).blur());
    await fetch(`${gateway.adminUrl}/breakers/auth-http/open`, { method: 'POST' });
    await page.getByRole('article', { name: 'auth' }).getByRole('button', { name: 'Release' }).waitFor();
    expect(await page.evaluate('document.activeElement === document.body')).toBe(true);
  });

  it('say so when the gateway does not answer', async () => {
    await using upstream = await StageUpstream.start();
    await using gateway = await StageGateway.start(stage.folder, yaml(upstream.url));
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const { page } = opened;
    await page.getByRole('article', { name: 'auth' }).getByRole('button', { name: 'Reset' }).click();
    await gateway.end();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
    await page.getByRole('dialog').getByText('The gateway did not answer').waitFor();
  });
});
