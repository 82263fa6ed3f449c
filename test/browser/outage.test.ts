import { expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { openPage } from './open-page.ts';
import { StageGateway } from './stage-gateway.ts';
import { StageUpstream } from './stage-upstream.ts';
import { describeInBrowser } from './with-browser.ts';

/** What is asked of a canvas in the browser, whose types this program does not have. */
interface DrawnCanvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  };
}

const yaml = (auth: string, school: string, openTimeout: string): string => `
upstreams:
  school: { targets: [${school}] }
  auth:
    targets: [${auth}]
    circuit_breaker: { name: auth-service-http, failure_threshold: 3, open_timeout: ${openTimeout} }
routes:
  - { path: /auth/*, upstream: auth }
  - { path: /schools/*, upstream: school }
`;

describeInBrowser('an outage on the live page', (stage) => {
  it('is watched from closed to open to recovered, without a complaint of the browser', async () => {
    await using auth = await StageUpstream.start();
    await using school = await StageUpstream.start();
    await using gateway = await StageGateway.start(stage.folder, yaml(auth.url, school.url, '4s'));
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const { page, problems } = opened;
    const headline = page.getByRole('heading', { level: 1 });
    const card = page.getByRole('article', { name: 'auth' });
    const timeline = page.getByRole('region', { name: 'Timeline' });

    // Closed: nothing of it is known by colour alone.
    await headline.filter({ hasText: 'Everything is ready' }).waitFor();
    expect(await card.textContent()).toContain('Closed');
    expect(await card.textContent()).toContain('0 of 3');
    await gateway.ask('/auth/login', 2);
    await headline.filter({ hasText: 'Everything answers' }).waitFor();

    // Failures are counted against the threshold.
    await auth.stop();
    expect(await gateway.ask('/auth/login', 2)).toEqual([502, 502]);
    await card.getByText('2 of 3').waitFor();

    // Open: why, since when, what is left of it.
    expect(await gateway.ask('/auth/login', 2)).toEqual([502, 503]);
    await headline.filter({ hasText: 'auth is open' }).waitFor();
    await eventually(async () => expect(await page.title()).toBe('auth open · Breakwater'));
    await card.getByText('3 failures in a row').waitFor();
    expect(await card.textContent()).toMatch(/Open.*Opened (just now|\d s ago)\. Next probe in \d s\./);
    await timeline.getByText('auth opened: 3 failures in a row').waitFor();
    await timeline.getByText('Before it: 3 × ECONNREFUSED').click();
    await timeline.getByText(auth.url).first().waitFor();
    // The one in trouble comes first, whatever the order of the file.
    const names = await page.getByRole('article').getByRole('heading').allTextContents();
    expect(names).toEqual(['auth', 'school']);

    // Its time is over: it waits for a request.
    await card.getByText('The next request is the probe.').waitFor();
    await auth.startAgain();
    expect(await gateway.ask('/auth/login')).toEqual([200]);
    await headline.filter({ hasText: 'Everything answers' }).waitFor();
    await card.getByText(/^Recovered .* ago|^Recovered just now/).waitFor();
    await timeline.getByText('auth half-opened: it lets a probe through').waitFor();
    await timeline.getByText('auth recovered, and is closed').waitFor();
    expect(problems).toEqual([]);
  });

  it('is told to screen readers as changes of state, not as a countdown', async () => {
    await using auth = await StageUpstream.start();
    await using gateway = await StageGateway.start(stage.folder, yaml(auth.url, auth.url, '30s'));
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const status = opened.page.locator('[role=status][aria-live=polite]');
    await opened.page.getByRole('heading', { level: 1, name: 'Everything is ready' }).waitFor();
    expect(await status.textContent()).toBe('');
    await auth.stop();
    await gateway.ask('/auth/login', 3);
    await eventually(async () =>
      expect(await status.textContent()).toBe('auth opened: 3 failures in a row.'),
    );
    const left = opened.page.getByRole('article', { name: 'auth' }).locator('.opened-when b');
    const before = await left.textContent();
    await eventually(async () => expect(await left.textContent()).not.toBe(before));
    expect(await status.textContent()).toBe('auth opened: 3 failures in a row.');
  });

  it('is drawn: requests and latency as lines, the same as a table', async () => {
    await using auth = await StageUpstream.start();
    await using gateway = await StageGateway.start(stage.folder, yaml(auth.url, auth.url, '30s'));
    await using opened = await openPage(stage.browser, gateway.adminUrl);
    const { page } = opened;
    const requests = page.getByRole('figure', { name: 'Requests' });
    await requests.getByText('No requests yet').waitFor();
    const ink = (): Promise<number> =>
      page
        .locator('.chart-canvas canvas')
        .first()
        .evaluate((canvas) => {
          const drawn = canvas as unknown as DrawnCanvas;
          const { width, height } = drawn;
          const { data } = drawn.getContext('2d').getImageData(0, 0, width, height);
          return data.reduce(
            (sum: number, value: number, at: number) => (at % 4 === 3 && value > 40 ? sum + 1 : sum),
            0,
          );
        });
    await eventually(async () => expect(await ink()).toBeGreaterThan(0));
    const before = await ink();
    await gateway.ask('/auth/login', 20);
    await gateway.ask('/auth/login/404', 5);
    await requests.getByText('No requests yet').waitFor({ state: 'detached' });
    await eventually(async () => expect(await ink()).toBeGreaterThan(before));
    // The highest of each minute; which minute it was, nobody knows here.
    const highest = async (name: string, column: number): Promise<string[]> =>
      page
        .getByRole('region', { name: `${name}, the highest` })
        .locator(`tbody td:nth-of-type(${column})`)
        .allTextContents();
    await requests.getByText('Requests as a table').click();
    await eventually(async () => {
      expect((await highest('Requests', 1)).some((text) => Number(text) > 0)).toBe(true);
      expect((await highest('Requests', 2)).some((text) => Number(text) > 0)).toBe(true);
      expect((await highest('Requests', 3)).every((text) => text === '0')).toBe(true);
    });
    await page.getByText('Latency as a table').click();
    await eventually(async () =>
      expect((await highest('Latency', 2)).some((text) => /^[\d.]+ ms$/.test(text))).toBe(true),
    );
  });
});
