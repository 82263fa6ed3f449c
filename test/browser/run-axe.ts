import type { Page } from 'playwright-core';

const AXE = new URL(import.meta.resolve('axe-core/axe.min.js')).pathname;

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

/** What axe finds on the page as it is. The page's policy must have been bypassed: axe comes from elsewhere. */
export async function runAxe(page: Page): Promise<string[]> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.addScriptTag({ path: AXE });
  const violations = (await page.evaluate(
    'axe.run(document).then((found) => found.violations)',
  )) as Violation[];
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
  );
}
