import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ownPackage } from '../../../src/observe/own-package.ts';

it('the gateway knows its version and where it is installed', () => {
  const { root, version } = ownPackage();
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(manifest).toMatchObject({ name: 'breakwater', version });
  expect(existsSync(join(root, 'src/observe/own-package.ts'))).toBe(true);
});
