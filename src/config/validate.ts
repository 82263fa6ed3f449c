import type { z } from 'zod';
import { type Draft, draftAt, pathText } from './draft.ts';
import { type GatewayFile, gatewaySchema } from './schema/gateway-schema.ts';
import { type Located, locate, type Path } from './yaml/located.ts';

type Issue = z.core.$ZodIssue;

export type Validation =
  | { readonly file: GatewayFile; readonly drafts: readonly [] }
  | { readonly file: null; readonly drafts: readonly Draft[] };

/** Holds the tree against the schema. Changes scalars of `root.value`, see {@link keepAsText}. */
export function validate(root: Located): Validation {
  let result = gatewaySchema.safeParse(root.value);
  if (!result.success && keepAsText(result.error.issues, root)) result = gatewaySchema.safeParse(root.value);
  if (result.success) return { file: result.data, drafts: [] };
  return { file: null, drafts: result.error.issues.flatMap((issue) => draftsOf(issue, root, [])) };
}

/**
 * A variable's value that reads like a number (a token of digits) is text where the schema wants text: nobody can
 * know beforehand what the environment will hold, so nobody should have to quote it.
 */
function keepAsText(issues: readonly Issue[], root: Located): boolean {
  let changed = false;
  for (const { code, path, ...issue } of issues) {
    const wantsText =
      code === 'invalid_union' ||
      (code === 'invalid_type' && 'expected' in issue && issue.expected === 'string');
    const text = wantsText ? locate(root, path)?.text : null;
    const last = path.at(-1);
    const parent = locate(root, path.slice(0, -1))?.value;
    if (typeof text !== 'string' || last === undefined || typeof parent !== 'object' || parent === null)
      continue;
    (parent as Record<PropertyKey, unknown>)[last] = text;
    changed = true;
  }
  return changed;
}

function draftsOf(issue: Issue, root: Located, above: Path): Draft[] {
  const path = [...above, ...issue.path];
  const located = locate(root, path);
  if (located === undefined) return [missing(path, root)];
  if (located.broken) return [];
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue, located);
  if (issue.code === 'invalid_key') {
    const message = `"${String(path.at(-1))}" ${issue.issues[0]?.message ?? issue.message}`;
    return [draftAt(located, 'INVALID_VALUE', message, located.keyRange ?? located.range)];
  }
  if (issue.code === 'invalid_union') {
    const branch = meantBranch(issue);
    if (branch !== null) return branch.flatMap((inner) => draftsOf(inner, root, path));
  }
  const subject = path.length === 0 ? 'the file' : pathText(path);
  return [draftAt(located, 'INVALID_VALUE', `${subject} ${issue.message}`)];
}

/** The one alternative of a union that the value has the right shape for: its mistakes are the helpful ones. */
function meantBranch(issue: z.core.$ZodIssueInvalidUnion): readonly Issue[] | null {
  const fitting = issue.errors.filter((branch) => !branch.some(isOfAnotherKind));
  return fitting.length === 1 ? fitting[0]! : null;
}

function isOfAnotherKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return meantBranch(issue) === null;
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

/** The mapping's own message has one line per key, see schema/structure.ts. */
function unknownKeys(issue: z.core.$ZodIssueUnrecognizedKeys, mapping: Located): Draft[] {
  const messages = issue.message.split('\n');
  return issue.keys.map((key, index) => {
    const child = mapping.children.get(key) ?? mapping;
    return draftAt(
      { ...child, variables: [] },
      'UNKNOWN_KEY',
      messages[index]!,
      child.keyRange ?? child.range,
    );
  });
}

function missing(path: Path, root: Located): Draft {
  let depth = path.length - 1;
  while (depth > 0 && locate(root, path.slice(0, depth)) === undefined) depth--;
  const parent = locate(root, path.slice(0, depth)) ?? root;
  const start = parent.range[0];
  const subject = depth === 0 ? 'the file' : pathText(path.slice(0, depth));
  return draftAt(
    { ...parent, variables: [] },
    'MISSING_KEY',
    `${subject} needs the key "${String(path[depth])}"`,
    parent.keyRange ?? [start, start + 1],
  );
}
