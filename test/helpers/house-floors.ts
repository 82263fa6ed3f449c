import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { importsOf } from './imports-of.ts';

/** What may be imported by package name, from the manifests. */
export interface Manifests {
  readonly gateway: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
}

interface Floor {
  /** Folders of src it may import besides itself. */
  readonly below: readonly string[];
  /** Packages it may import; `null`: every dependency of the package. */
  readonly packages: readonly string[] | null;
  /** For the browser: it takes nothing but types from other folders, and its packages are built into it. */
  readonly browser?: boolean;
}

const LIBRARY: Floor = { below: [], packages: [] };
const BELOW_PROXY = ['resilience', 'config', 'http', 'upstream'];

/** docs: the house's floors. A folder of src that is not here has no place in the house yet. */
const FLOORS: ReadonlyMap<string, Floor> = new Map([
  ['resilience', LIBRARY],
  ['redis', { below: ['resilience'], packages: ['@redis/client'] }],
  ['config', { below: [], packages: ['yaml', 'zod'] }],
  ['http', { below: ['resilience', 'config'], packages: null }],
  ['upstream', { below: ['resilience', 'config', 'http'], packages: null }],
  ['proxy', { below: BELOW_PROXY, packages: null }],
  // The same floor as proxy, whose records it takes. Never the other way round: hot code does not know its watchers.
  ['observe', { below: [...BELOW_PROXY, 'proxy'], packages: null }],
  // Beside observe: it follows exchanges by the interface that proxy has for that.
  ['tracing', { below: [...BELOW_PROXY, 'proxy'], packages: null }],
  ['admin', { below: [...BELOW_PROXY, 'proxy', 'observe'], packages: null }],
  ['dashboard', { below: ['resilience', 'observe', 'admin'], packages: ['preact', 'uplot'], browser: true }],
  ['workers', { below: [...BELOW_PROXY, 'proxy', 'observe', 'tracing', 'admin', 'redis'], packages: null }],
]);

/** Folders whose programs stand above everything: `cli/` belongs to cli.ts. */
const TOP_FOLDERS: ReadonlySet<string> = new Set(['cli']);

const ROOTS = ['src', 'services', 'test', 'bench', 'examples', 'tools'];
const MAX_LINES = 300;

/** Every TypeScript file that the rules are for, as paths with `/` from the repository's root. */
export function sourceFiles(repository: string): string[] {
  return ROOTS.flatMap((root) => {
    try {
      return readdirSync(join(repository, root), { recursive: true, encoding: 'utf8' }).map(
        (path) => `${root}/${path.replaceAll('\\', '/')}`,
      );
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }).filter((path) => /\.tsx?$/.test(path) && !/(^|\/)(node_modules|gen|dist)\//.test(path));
}

export function readManifests(repository: string): Manifests {
  return {
    gateway: dependencies(join(repository, 'package.json')),
    services: dependencies(join(repository, 'services/package.json')),
  };
}

function dependencies(path: string): ReadonlySet<string> {
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<
    string,
    Record<string, string> | undefined
  >;
  return new Set(
    ['dependencies', 'peerDependencies', 'optionalDependencies'].flatMap((kind) =>
      Object.keys(manifest[kind] ?? {}),
    ),
  );
}

/** What one file does against the rules of the house, each as `file:line: what`. */
export function violations(file: string, source: string, manifests: Manifests): string[] {
  const found: string[] = [];
  const lines = source.split('\n').length - (source.endsWith('\n') ? 1 : 0);
  if (lines > MAX_LINES)
    found.push(`${file}:${MAX_LINES + 1}: ${lines} lines; over ${MAX_LINES} wants splitting`);
  const production = file.startsWith('src/') || file.startsWith('services/');
  if (!production) return found;
  for (const { specifier, line } of importsOf(source)) {
    const problem = specifier.startsWith('.')
      ? fileProblem(file, posix.join(posix.dirname(file), specifier))
      : packageProblem(file, specifier, manifests);
    if (problem !== null) found.push(`${file}:${line}: ${problem}`);
  }
  const folder = folderOf(file);
  if (folder !== null && FLOORS.get(folder)?.browser) found.push(...codeFromElsewhere(file, folder, source));
  return found;
}

/** Imports of more than types from other folders: that code is for Node. */
function codeFromElsewhere(file: string, folder: string, source: string): string[] {
  const withoutTypes = source.replaceAll(/^(?:import|export) type [^;]*;/gm, (text) =>
    text.replaceAll(/[^\n]/g, ' '),
  );
  return importsOf(withoutTypes)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .filter(({ specifier }) => folderOf(posix.join(posix.dirname(file), specifier)) !== folder)
    .map(({ specifier, line }) => `${file}:${line}: the browser takes only types from ${specifier}`);
}

function fileProblem(file: string, target: string): string | null {
  if (!target.startsWith('src/') && !target.startsWith('services/')) {
    return target === 'package.json' ? null : `production code imports ${target}`;
  }
  if (file.startsWith('services/')) {
    if (target.startsWith('services/') || target.startsWith('src/resilience/')) return null;
    return `services use nothing of src but src/resilience, not ${target}`;
  }
  if (target.startsWith('services/')) return `the gateway does not know its services (${target})`;
  return floorProblem(folderOf(file), folderOf(target));
}

/** @param from, to folders of src; null for a file directly in it, which is the top of the house */
function floorProblem(from: string | null, to: string | null): string | null {
  if (from === null || TOP_FOLDERS.has(from)) return null;
  const floor = FLOORS.get(from);
  if (floor === undefined) return `src/${from} has no floor; give it one in test/helpers/house-floors.ts`;
  if (to === from || (to !== null && floor.below.includes(to))) return null;
  return `src/${from} may not import ${to === null ? 'the top of src' : `src/${to}`}: imports never point up`;
}

function folderOf(path: string): string | null {
  const parts = path.split('/');
  return parts.length > 2 ? (parts[1] ?? null) : null;
}

function packageProblem(file: string, specifier: string, manifests: Manifests): string | null {
  if (isBuiltin(specifier)) return null;
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  if (file.startsWith('services/')) {
    if (specifier === 'breakwater/resilience') return null;
    return manifests.services.has(name) ? null : `"${name}" is not a dependency in services/package.json`;
  }
  const folder = folderOf(file);
  const floor = folder === null ? undefined : FLOORS.get(folder);
  const packages = floor?.packages ?? null;
  if (packages !== null && !packages.includes(name))
    return `src/${folder} may not import the package "${name}"`;
  if (floor?.browser) return null;
  return manifests.gateway.has(name) ? null : `"${name}" is not a dependency in package.json`;
}
