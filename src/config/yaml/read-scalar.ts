import { type Document, isScalar, parseDocument, type Scalar } from 'yaml';
import { type Environment, interpolate, type ReferenceProblem, unshield } from './environment-references.ts';
import type { Finding } from './read-document.ts';

interface ReadScalar {
  readonly value: unknown;
  readonly variables: readonly string[];
  readonly text: string | null;
  readonly findings: readonly Finding[];
}

/**
 * A scalar's value with the environment's values in it. They are put in after parsing, so that no value can add
 * keys or items; a plain scalar is then typed again (`${PORT}` may be a number), a quoted one stays text.
 */
export function readScalar(node: Scalar, document: Document, source: string, env: Environment): ReadScalar {
  if (typeof node.value !== 'string') return { value: node.value, variables: [], text: null, findings: [] };
  const written = asWritten(node, source);
  const { text, variables, problems } = interpolate(written, env);
  const plain = node.type === 'PLAIN' && node.tag === undefined && written.includes('${');
  const value = plain ? typeScalar(text, document) : text;
  const findings = problems.length === 0 ? [] : placed(problems, node, source);
  return { value, variables, text: typeof value === 'string' ? null : text, findings };
}

/** Points at each reference; at the whole scalar where escapes hide it. */
function placed(problems: readonly ReferenceProblem[], node: Scalar, source: string): Finding[] {
  const [start, end] = node.range ?? [0, 0];
  const written = source.slice(start, end);
  let from = 0;
  return problems.map(({ code, message, reference }) => {
    const at = from === -1 ? -1 : written.indexOf(reference, from);
    from = at === -1 ? -1 : at + reference.length;
    return { code, message, range: at === -1 ? [start, end] : [start + at, start + from] };
  });
}

/** A quoted scalar is read once more without shield: there, a default may hold escapes. */
function asWritten(node: Scalar, source: string): string {
  const value = node.value as string;
  const unshielded = unshield(value);
  const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
  if (!quoted || unshielded === value || !node.range) return unshielded;
  const again = parseDocument(source.slice(node.range[0], node.range[1]), { prettyErrors: false });
  const scalar: unknown = again.contents;
  return again.errors.length === 0 && isScalar(scalar) && typeof scalar.value === 'string'
    ? scalar.value
    : unshielded;
}

/** By the same rules that the document's own plain scalars are typed by. */
export function typeScalar(text: string, document: Document): unknown {
  for (const tag of document.schema.tags) {
    if (tag.default !== true || tag.collection || !('test' in tag) || !tag.test?.test(text)) continue;
    const resolved = tag.resolve(text, () => undefined, document.options);
    return isScalar(resolved) ? resolved.value : resolved;
  }
  return text;
}
