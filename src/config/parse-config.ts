import { ConfigError, type ConfigProblem } from './config-error.ts';
import { crossCheck } from './cross-checks.ts';
import { deepFreeze } from './deep-freeze.ts';
import type { Draft } from './draft.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { overrideBreakers } from './override-breakers.ts';
import { Places } from './places.ts';
import { resolveConfig } from './resolve-config.ts';
import { validate } from './validate.ts';
import { buildTree, type Tree } from './yaml/build-tree.ts';
import { type Environment, RESERVED_CHARACTERS } from './yaml/environment-references.ts';
import { locate } from './yaml/located.ts';
import { readDocument } from './yaml/read-document.ts';

/** What YAML allows of the control characters is tab and the ends of lines. */
const FORBIDDEN_CHARACTERS = /(?![\t\n\r])\p{Cc}|\p{Cs}/u;

/**
 * Reads a configuration from its text.
 *
 * @param options.file the name that problems are reported under
 * @param options.env the variables that `${…}` may use, and those that set breakers
 * @returns deeply frozen
 * @throws {ConfigError} with every mistake in it
 */
export function parseConfig(text: string, options: { file: string; env: Environment }): GatewayConfig {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const places = new Places(source);
  const fail = (drafts: readonly Draft[]): never => {
    throw new ConfigError(problems(drafts, options.file, places));
  };
  const tree = readTree(source, options.env);
  if (!('root' in tree)) return fail(tree);
  const validation = validate(tree.root);
  const drafts = [
    ...tree.findings.map((finding) => ({ ...finding, hint: null })),
    ...tree.overrides,
    ...validation.drafts,
    ...crossCheck(tree.root, places),
  ];
  if (drafts.length > 0 || validation.file === null) return fail(drafts);
  const routes = [...(locate(tree.root, ['routes'])?.children.values() ?? [])];
  const lines = routes.map(({ range }) => places.line(range[0]));
  return deepFreeze(resolveConfig(validation.file, lines));
}

interface OverriddenTree extends Tree {
  /** What is wrong about the variables that would have replaced something. */
  readonly overrides: readonly Draft[];
}

function readTree(source: string, env: Environment): OverriddenTree | Draft[] {
  const character = FORBIDDEN_CHARACTERS.exec(source) ?? RESERVED_CHARACTERS.exec(source);
  if (character !== null) {
    const code = character[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    const message = `the character U+${code} cannot stand in a configuration`;
    return [{ code: 'INVALID_YAML', message, range: [character.index, character.index + 1], hint: null }];
  }
  const document = readDocument(source);
  if (Array.isArray(document)) return document.map((finding) => ({ ...finding, hint: null }));
  const tree = buildTree(document, source, env);
  if (tree.root.value !== null || tree.root.variables.length > 0) {
    return { ...tree, overrides: overrideBreakers(tree.root, env, document) };
  }
  const message = 'the file is empty; it needs at least "upstreams" and "routes"';
  return [{ code: 'EMPTY_FILE', message, range: [0, 0], hint: null }];
}

/** In the order of the file, and one per place: what is wrong about a value in a second way can wait. */
function problems(drafts: readonly Draft[], file: string, places: Places): ConfigProblem[] {
  const seen = new Set<string>();
  const start = ({ range }: Draft) => range?.[0] ?? Number.MAX_SAFE_INTEGER;
  return [...drafts]
    .sort((one, other) => start(one) - start(other))
    .filter((draft) => {
      const missing = draft.code === 'MISSING_KEY' || draft.code === 'UNKNOWN_KEY';
      const key = `${start(draft)} ${missing || draft.range === null ? draft.message : (draft.override ?? '')}`;
      const fresh = !seen.has(key);
      seen.add(key);
      return fresh;
    })
    .map(({ code, message, range, hint }) => ({
      code,
      message,
      file,
      place: range === null ? null : places.place(range),
      hint,
    }));
}
