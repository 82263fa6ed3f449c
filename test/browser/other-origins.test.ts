import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { openPage } from './open-page.ts';
import { StageGateway } from './stage-gateway.ts';
import { describeInBrowser } from './with-browser.ts';

const YAML = `
upstreams:
  auth: { targets: ['http://127.0.0.1:9'] }
routes:
  - { path: /*, upstream: auth }
`;

/** A page of somebody else that tries all it can against this admin API. */
async function startAttacker(adminUrl: string) {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><title>attacker</title>
      <iframe name="target"></iframe>
      <form id="form" method="post" target="target" action="${adminUrl}/breakers/auth/open"></form>
      <iframe id="frame" src="${adminUrl}/"></iframe>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

describeInBrowser('pages of other origins', (stage) => {
  let gateway: StageGateway;
  beforeAll(async () => {
    gateway = await StageGateway.start(stage.folder, YAML);
  });
  afterAll(() => gateway?.end());

  // To a browser a page of another port is same-site, one of another name is cross-site.
  it.each(['127.0.0.1', 'localhost'])(
    'on %s can neither act by the admin API nor read from it',
    async (host) => {
      await using attacker = await startAttacker(gateway.adminUrl);
      await using opened = await openPage(stage.browser, `http://${host}:${attacker.port}/`);
      const { page } = opened;
      const answers: { url: string; status: number }[] = [];
      page.on('response', (response) => answers.push({ url: response.url(), status: response.status() }));

      await page.evaluate('document.getElementById("form").submit()');
      await eventually(() =>
        expect(answers.some(({ url, status }) => url.endsWith('/breakers/auth/open') && status === 403)).toBe(
          true,
        ),
      );
      const tries = await page.evaluate(`Promise.all([
      fetch('${gateway.adminUrl}/breakers/auth/open', { method: 'POST', mode: 'no-cors' }),
      fetch('${gateway.adminUrl}/breakers/auth/open', { method: 'POST' }),
      fetch('${gateway.adminUrl}/overview'),
      fetch('${gateway.adminUrl}/overview', { headers: { authorization: 'Bearer x' } }),
    ].map((one) => one.then((answer) => answer.type, () => 'refused')))`);
      // Opaque: it was sent, and nothing of the answer can be seen. Whether it did something is asked below.
      expect(tries).toEqual(['opaque', 'refused', 'refused', 'refused']);
      expect(
        await page.evaluate(`new Promise((resolve) => {
      const source = new EventSource('${gateway.adminUrl}/events');
      source.onmessage = () => resolve('read');
      source.onerror = () => resolve('refused');
    })`),
      ).toBe('refused');
      const frame = page
        .frames()
        .find((one) => one.url().startsWith(gateway.adminUrl) || one.url().startsWith('chrome-error:'));
      expect(await frame?.locator('#page').count()).toBe(0);

      const answer = await fetch(`${gateway.adminUrl}/breakers/auth`);
      expect(await answer.json()).toMatchObject({ state: 'CLOSED', forced: null });
    },
  );
});
