import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ADMIN_ERRORS } from '../../../src/admin/admin-error.ts';

it('docs/admin-api.md lists every error code of the admin API as it is, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/admin-api.md'), 'utf8');
  const listed = page.split('\n').filter((line) => /^\| `[A-Z_]+` \| \d{3} \|/.test(line));
  const real = Object.entries(ADMIN_ERRORS).map(
    ([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${meaning} |`,
  );
  expect(listed).toEqual(real);
});
