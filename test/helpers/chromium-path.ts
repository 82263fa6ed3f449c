import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where the browser of the browser tests is: BREAKWATER_TEST_CHROMIUM, or `chromium` in the PATH; null without one. */
export function chromiumPath(): string | null {
  const named = process.env.BREAKWATER_TEST_CHROMIUM;
  const folders = process.env.PATH?.split(delimiter) ?? [];
  const candidates = named ? [named] : folders.map((folder) => join(folder, 'chromium'));
  return candidates.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
