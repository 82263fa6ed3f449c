import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CONFIG_PROBLEM_CODES } from '../../../src/config/config-error.ts';
import { renderDocTables } from '../../../src/config/doc-tables.ts';
import { gatewayJsonSchema } from '../../../src/config/json-schema.ts';
import { messagesOf } from './problems-of.ts';

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

  it('has only examples that are right', () => {
    const blocks = [...readFileSync(MANUAL, 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
      ([, text]) => text!,
    );
    const examples = blocks.filter((text) => !text.startsWith('# yaml-language-server'));
    expect(examples.length).toBeGreaterThan(15);
    for (const example of examples) {
      const env = { REDIS_PASSWORD: 'abc' };
      expect(messagesOf(example + whatIsMissing(example), env), example).toEqual([]);
    }
  });
});

/** An example shows the sections that it is about: the upstreams that its routes name, or a route to its upstream. */
function whatIsMissing(example: string): string {
  const { upstreams, routes } = parse(example.replace(/\$\{[^}]*\}/g, 'x')) as {
    upstreams?: Record<string, unknown>;
    routes?: { upstream: string }[];
  };
  const names =
    upstreams === undefined ? (routes ?? [{ upstream: 'api' }]).map(({ upstream }) => upstream) : [];
  const added = [...new Set(names)].map((name) => `${name}: { targets: [http://127.0.0.1:1] }`);
  const first = Object.keys(upstreams ?? { api: null })[0];
  return [
    upstreams === undefined ? `upstreams: { ${added.join(', ')} }\n` : '',
    routes === undefined ? `routes: [{ path: /*, upstream: ${first} }]\n` : '',
  ].join('');
}
