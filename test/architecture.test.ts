import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Manifests, readManifests, sourceFiles, violations } from './helpers/house-floors.ts';
import { importsOf } from './helpers/imports-of.ts';

const repository = join(import.meta.dirname, '..');
const manifests: Manifests = { gateway: new Set(['pino', 'yaml', 'zod']), services: new Set(['fastify']) };

function broken(file: string, source: string): string[] {
  return violations(file, source, manifests);
}

describe('the house', () => {
  it('keeps its own rules in every file', () => {
    const files = sourceFiles(repository);
    expect(files).toContain('src/http/message.ts');
    expect(files).toContain('test/architecture.test.ts');
    expect(files).toContain('src/dashboard/app.tsx');
    const real = readManifests(repository);
    const found = files.flatMap((file) =>
      violations(file, readFileSync(join(repository, file), 'utf8'), real),
    );
    expect(found).toEqual([]);
  });
});

describe('the rules of the house', () => {
  it.each([
    ['src/resilience/a.ts', '../config/b.ts'],
    ['src/resilience/rules/a.ts', '../../gateway.ts'],
    ['src/config/a.ts', '../resilience/b.ts'],
    ['src/http/full/a.ts', '../../proxy/b.ts'],
    ['src/upstream/a.ts', '../proxy/b.ts'],
    ['src/proxy/a.ts', '../observe/b.ts'],
    ['src/observe/a.ts', '../admin/b.ts'],
    ['src/admin/a.ts', '../gateway.ts'],
    ['src/somewhere/a.ts', '../http/b.ts'],
    ['src/admin/a.ts', '../dashboard/b.ts'],
    ['src/dashboard/parts/a.tsx', '../../proxy/b.ts'],
    ['src/http/a.ts', '../../test/helpers/b.ts'],
    ['src/http/a.ts', '../../services/auth/b.ts'],
    ['services/auth/a.ts', '../../src/http/b.ts'],
  ])('refuse that %s imports %s', (file, specifier) => {
    const [found, ...others] = broken(file, `// first\nimport type { X } from '${specifier}';\n`);
    expect(found).toMatch(new RegExp(`^${file}:2: `));
    expect(others).toEqual([]);
  });

  it.each([
    ['src/resilience/rules/a.ts', '../clock.ts'],
    ['src/http/full/a.ts', '../message.ts'],
    ['src/proxy/a.ts', '../upstream/b.ts'],
    ['src/observe/a.ts', '../proxy/b.ts'],
    ['src/admin/a.ts', '../observe/b.ts'],
    ['src/gateway.ts', './admin/b.ts'],
    ['src/cli/start.ts', '../gateway.ts'],
    ['src/dashboard/parts/a.tsx', '../live/b.ts'],
    ['src/dashboard/parts/a.tsx', 'preact/hooks'],
    ['src/resilience/a.ts', 'node:events'],
    ['src/observe/a.ts', 'pino'],
    ['services/auth/a.ts', '../../src/resilience/index.ts'],
    ['services/auth/a.ts', '../shared/b.ts'],
    ['services/auth/a.ts', 'fastify'],
    ['test/unit/a.test.ts', '../../src/gateway.ts'],
    ['bench/a.ts', 'vitest'],
  ])('allow that %s imports %s', (file, specifier) => {
    expect(broken(file, `import { x } from '${specifier}';\n`)).toEqual([]);
  });

  it('keep packages out of the resilience core, and others than yaml and zod out of the configuration', () => {
    expect(broken('src/resilience/a.ts', "import 'pino';")).toHaveLength(1);
    expect(broken('src/config/a.ts', "import 'pino';")).toHaveLength(1);
    expect(broken('src/config/a.ts', "import 'zod/v4';")).toEqual([]);
  });

  it('let the page for the browser take types from what is below it, and nothing else', () => {
    const file = 'src/dashboard/live/a.ts';
    expect(broken(file, "import type {\n  A,\n} from '../../admin/b.ts';\n")).toEqual([]);
    expect(
      broken(file, "import type { A } from '../../admin/b.ts';\nimport { c } from '../../admin/b.ts';\n"),
    ).toEqual([`${file}:2: the browser takes only types from ../../admin/b.ts`]);
    expect(broken(file, "import 'pino';")).toHaveLength(1);
    expect(broken('src/admin/a.ts', "import 'preact';")).toHaveLength(1);
  });

  it('refuse a production import of what is not a dependency of production', () => {
    expect(broken('src/gateway.ts', "import fc from 'fast-check';")).toHaveLength(1);
    expect(broken('services/auth/a.ts', "import 'pino';")).toHaveLength(1);
    expect(broken('test/a.test.ts', "import fc from 'fast-check';")).toEqual([]);
  });

  it('want a file of over 300 lines split', () => {
    expect(broken('test/a.ts', '\n'.repeat(300))).toEqual([]);
    expect(broken('test/a.ts', '\n'.repeat(301))[0]).toMatch(/^test\/a\.ts:301: 301 lines/);
  });
});

describe('importsOf', () => {
  it.each([
    ["import a from 'x';", 1],
    ["import type { a } from 'x';", 1],
    ["import * as a from 'x';", 1],
    ["import {\n  a,\n  from as b,\n} from 'x';", 4],
    ["import 'x';", 1],
    ["export * from 'x';", 1],
    ["export * as a from 'x';", 1],
    ["export type { a } from 'x';", 1],
    ["const a = await import('x');", 1],
    ["type A = import('x').B;", 1],
    ["const a = require('x');", 1],
    ["import.meta.resolve('x');", 1],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template
    ["const a = `${{ b: await import('x') }.b}`;", 1],
    ["const a = /`/;\nimport 'x';", 2],
    ["const a = b / c;\nimport 'x'; // `", 2],
  ])('sees %s', (source, line) => {
    expect(importsOf(source)).toEqual([{ specifier: 'x', line }]);
  });

  it.each([
    "// import 'x'",
    "/* import 'x' */",
    "const a = `import 'x'`;",
    'const a = "import \'x\'";',
    "const a = /import 'x'/;",
    "a.import('x'); a.require('x');",
    "export const a = 'x';",
    "export { a };\nconst from = 'x';",
    'import.meta.url;',
  ])('is not fooled by %s', (source) => {
    expect(importsOf(source)).toEqual([]);
  });
});
