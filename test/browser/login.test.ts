import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPage } from './open-page.ts';
import { StageGateway } from './stage-gateway.ts';
import { describeInBrowser } from './with-browser.ts';

const YAML = `
upstreams:
  auth: { targets: ['http://127.0.0.1:9'] }
routes:
  - { path: /*, upstream: auth }
`;
const TOKEN = 'open-sesame';

describeInBrowser('the login of the live page', (stage) => {
  let gateway: StageGateway;
  beforeAll(async () => {
    gateway = await StageGateway.start(stage.folder, YAML, TOKEN);
  });
  afterAll(() => gateway?.end());

  it('shows nothing to a wrong token, says so, and takes the right one', async () => {
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const { page, problems } = opened;
    const field = page.getByLabel('Token');
    await field.fill('open-barley');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'This token is not the one of the gateway.' }).waitFor();
    expect(await page.getByRole('article').count()).toBe(0);
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    // The browser itself tells of the 401.
    expect(problems.filter((problem) => !problem.includes('401'))).toEqual([]);

    await field.fill(TOKEN);
    await page.keyboard.press('Enter');
    await page.getByRole('article', { name: 'auth' }).waitFor();
  });

  it('says of what no token can be that it is not the one', async () => {
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const { page, problems } = opened;
    await page.getByLabel('Token').fill('Σésam-öffne-dich 🚪');
    await page.keyboard.press('Enter');
    await page.getByText('This token is not the one of the gateway.').waitFor();
    expect(problems).toEqual([]);
  });

  it('lasts as long as the tab, is kept nowhere else, and ends with signing out', async () => {
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const { page, context } = opened;
    await page.getByLabel('Token').fill(TOKEN);
    await page.keyboard.press('Enter');
    await page.getByRole('article', { name: 'auth' }).waitFor();
    expect(await context.cookies()).toEqual([]);
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(TOKEN);
    expect(page.url()).not.toContain(TOKEN);
    await page.reload();
    await page.getByRole('article', { name: 'auth' }).waitFor();
    const other = await context.newPage();
    await other.goto(gateway.adminUrl);
    await other.getByLabel('Token').waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    await page.reload();
    await page.getByLabel('Token').waitFor();
  });

  it('is asked for again when the token has become another, without trying the old one on and on', async () => {
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const { page } = opened;
    await page.evaluate("sessionStorage.setItem('breakwater.token', 'of-yesterday')");
    let refused = 0;
    page.on('response', (response) => {
      if (response.status() === 401) refused++;
    });
    await page.reload();
    await page.getByText('The token is no longer valid.').waitFor();
    await page.getByLabel('Token').fill(TOKEN);
    await page.keyboard.press('Enter');
    await page.getByRole('article', { name: 'auth' }).waitFor();
    expect(refused).toBe(1);
  });
});
