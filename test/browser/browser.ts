import { type Browser, chromium } from 'playwright-core';
import { chromiumPath } from '../helpers/chromium-path.ts';

/** Quiet and alone: no sandbox (tests may run as root), and nothing asked of anybody but the gateway. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Debian's Chromium. @throws Error there is none; see requires('chromium') */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error('There is no Chromium on this machine.');
  return chromium.launch({ executablePath, args: ARGUMENTS });
}
