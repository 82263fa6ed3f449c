import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONFIG_PROBLEM_CODES } from '../../../src/config/config-error.ts';
import { renderDocTables } from '../../../src/config/doc-tables.ts';
import { gatewayJsonSchema } from '../../../src/config/json-schema.ts';

const SCHEMA = new URL('../../../docs/gateway.schema.json', import.meta.url).pathname;
const MANUAL = new URL('../../../docs/configuration.md', import.meta.url).pathname;

// When one of these fails, `vitest run test/unit/config -u` writes the file anew.
describe('what is made from the schema is up to date', () => {
  it('docs/gateway.schema.json', async () => {
    await expect(`${JSON.stringify(gatewayJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(SCHEMA);
  });

  it('the tables of docs/configuration.md', async () => {
    await expect(renderDocTables(readFileSync(MANUAL, 'utf8'))).toMatchFileSnapshot(MANUAL);
  });
});

describe('the manual', () => {
  it('explains every code of a mistake, and no other', () => {
    const [, table] = readFileSync(MANUAL, 'utf8').split('| Code | Means |\n|-|-|\n');
    const explained = [...table!.split('\n\n')[0]!.matchAll(/^\| `(\w+)` \| ./gm)].map(([, code]) => code);
    expect(explained).toEqual([...CONFIG_PROBLEM_CODES]);
  });
});
