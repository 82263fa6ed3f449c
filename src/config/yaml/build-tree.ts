import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { type Environment, unshield } from './environment-references.ts';
import type { Located, SourceRange } from './located.ts';
import type { Finding } from './read-document.ts';
import { readScalar } from './read-scalar.ts';

/** Far beyond any configuration; what follows need not guard against recursion. */
const MAX_DEPTH = 64;
const MAX_ALIASES = 100;
/** Values after aliases are followed: ten lines of aliases to aliases could otherwise stand for 10¹⁰. */
const MAX_NODES = 100_000;

/** Keys that mean something to JavaScript objects, and nothing in a configuration. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export interface Tree {
  readonly root: Located;
  readonly findings: readonly Finding[];
}

/** Turns a parsed document into plain values that know their places, with the environment's values put in. */
export function buildTree(document: Document.Parsed, source: string, env: Environment): Tree {
  const builder = new TreeBuilder(document, source, env);
  return { root: builder.build(document.contents, null, [0, 0], 0), findings: builder.findings };
}

class TreeBuilder {
  readonly findings: Finding[] = [];
  readonly #document: Document.Parsed;
  readonly #source: string;
  readonly #env: Environment;
  readonly #anchors = new Map<string, Node>();
  /** Collections that are being built: an alias to one of them would never end. */
  readonly #open = new Set<Node>();
  #nodes = 0;
  #aliases = 0;
  #full = false;

  constructor(document: Document.Parsed, source: string, env: Environment) {
    this.#document = document;
    this.#source = source;
    this.#env = env;
  }

  build(node: unknown, keyRange: SourceRange | null, fallback: SourceRange, depth: number): Located {
    const range = rangeOf(node) ?? fallback;
    if (this.#full) return leaf(undefined, range, keyRange, true);
    if (++this.#nodes > MAX_NODES) {
      this.#full = true;
      return this.#broken(`the file stands for more than ${MAX_NODES} values`, range, keyRange);
    }
    if (depth > MAX_DEPTH) return this.#broken('collections are nested too deeply', range, keyRange);
    if (isAlias(node)) return this.#alias(node, keyRange, range, depth);
    if (isScalar(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
      const { findings, ...read } = readScalar(node, this.#document, this.#source, this.#env);
      this.findings.push(...findings);
      return { ...read, range, keyRange, children: new Map(), broken: findings.length > 0, override: null };
    }
    if (!isMap(node) && !isSeq(node)) return leaf(null, range, keyRange, false);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    this.#open.add(node);
    const located = isMap(node) ? this.#map(node, range, depth) : this.#list(node, range, depth);
    this.#open.delete(node);
    return { ...located, keyRange };
  }

  #alias(alias: Alias, keyRange: SourceRange | null, range: SourceRange, depth: number): Located {
    if (++this.#aliases > MAX_ALIASES) {
      this.#full = true;
      return this.#broken(`there are more than ${MAX_ALIASES} aliases`, range, keyRange);
    }
    const target = this.#anchors.get(alias.source);
    if (target === undefined)
      return this.#broken(`the alias *${alias.source} has no anchor before it`, range, keyRange);
    if (this.#open.has(target))
      return this.#broken(`the alias *${alias.source} stands inside of what it stands for`, range, keyRange);
    return this.build(target, keyRange, range, depth + 1);
  }

  #list(node: YAMLSeq, range: SourceRange, depth: number): Located {
    const children = new Map<string, Located>();
    for (const [index, item] of node.items.entries()) {
      if (this.#full) break;
      children.set(String(index), this.build(item, null, range, depth + 1));
    }
    const value = [...children.values()].map((child) => child.value);
    return { ...leaf(value, range, null, false), children };
  }

  #map(node: YAMLMap, range: SourceRange, depth: number): Located {
    const children = new Map<string, Located>();
    const value: Record<string, unknown> = {};
    for (const pair of node.items) {
      if (this.#full) break;
      const keyRange = rangeOf(pair.key) ?? range;
      const key = this.#key(pair, keyRange, children);
      if (key === null) continue;
      const child = this.build(pair.value, keyRange, keyRange, depth + 1);
      children.set(key, child);
      value[key] = child.value;
    }
    return { ...leaf(value, range, null, false), children };
  }

  #key(pair: Pair, range: SourceRange, taken: ReadonlyMap<string, Located>): string | null {
    if (!isScalar(pair.key) || pair.key.value === null) {
      this.findings.push({ code: 'INVALID_YAML', message: 'a key must be a word', range });
      return null;
    }
    const key = unshield(typeof pair.key.value === 'string' ? pair.key.value : (pair.key.source ?? ''));
    if (key === '<<') {
      const message = 'merge keys are not supported; repeat the keys, or use a profile in circuit_breakers';
      this.findings.push({ code: 'FORBIDDEN_KEY', message, range });
      return null;
    }
    if (FORBIDDEN_KEYS.has(key)) {
      this.findings.push({ code: 'FORBIDDEN_KEY', message: `"${key}" cannot be a key or a name`, range });
      return null;
    }
    if (taken.has(key)) {
      this.findings.push({ code: 'DUPLICATE_KEY', message: `"${key}" is given twice here`, range });
      return null;
    }
    return key;
  }

  #broken(message: string, range: SourceRange, keyRange: SourceRange | null): Located {
    this.findings.push({ code: 'INVALID_YAML', message, range });
    return leaf(undefined, range, keyRange, true);
  }
}

function leaf(value: unknown, range: SourceRange, keyRange: SourceRange | null, broken: boolean): Located {
  return { value, range, keyRange, children: new Map(), broken, variables: [], text: null, override: null };
}

function rangeOf(node: unknown): SourceRange | null {
  const range = (node as Node | null)?.range;
  return range ? [range[0], range[1]] : null;
}
