import type { Document } from 'yaml';
import type { Draft } from './draft.ts';
import type { breakerProfileSchema } from './schema/breaker-schema.ts';
import { suggest } from './suggest.ts';
import type { Environment } from './yaml/environment-references.ts';
import { type Located, locate, type SourceRange } from './yaml/located.ts';
import { typeScalar } from './yaml/read-scalar.ts';

const PREFIX = 'BREAKWATER_BREAKER_';

/** The fields that a plain value can hold. */
const KEYS = [
  'failure_threshold',
  'consecutive_failures',
  'failure_rate',
  'window',
  'min_requests',
  'success_threshold',
  'half_open_requests',
  'half_open_timeout',
  'request_timeout',
  'open_timeout',
  'mode',
] as const satisfies readonly (keyof typeof breakerProfileSchema.shape)[];

interface Place {
  readonly upstream: string;
  readonly key: string;
}

/**
 * Puts the values of `BREAKWATER_BREAKER_<UPSTREAM>_<KEY>` into the tree as if they stood in the file, so that
 * schema and cross-checks hold for them as well. Changes `root`.
 *
 * @returns what is wrong about the variables' names
 */
export function overrideBreakers(root: Located, env: Environment, document: Document): Draft[] {
  const upstreams = locate(root, ['upstreams']);
  if (upstreams === undefined || upstreams.children.size === 0) return [];
  const set = Object.keys(env).filter((name) => name.startsWith(PREFIX) && env[name] !== '');
  if (set.length === 0) return [];
  const known = knownVariables([...upstreams.children.keys()]);
  const drafts: Draft[] = [];
  for (const variable of set.sort()) {
    const [place, other] = known.get(variable) ?? [];
    if (place === undefined) {
      drafts.push(unknown(variable, [...known.keys()], [...upstreams.children.keys()]));
      continue;
    }
    const upstream = upstreams.children.get(place.upstream)!;
    const range = upstream.keyRange ?? upstream.range;
    if (other !== undefined) drafts.push(ambiguous(variable, place, other, range));
    else override(upstream, place.key, leaf(variable, env[variable]!, range, document));
  }
  return drafts;
}

function knownVariables(upstreams: readonly string[]): Map<string, Place[]> {
  const known = new Map<string, Place[]>();
  for (const upstream of upstreams) {
    const name = upstream.toUpperCase().replace(/[^A-Z0-9]/g, '_');
    for (const key of KEYS) {
      const variable = `${PREFIX}${name}_${key.toUpperCase()}`;
      known.set(variable, [...(known.get(variable) ?? []), { upstream, key }]);
    }
  }
  return known;
}

function leaf(variable: string, text: string, range: SourceRange, document: Document): Located {
  const value = typeScalar(text, document);
  return {
    value,
    range,
    keyRange: range,
    children: new Map(),
    broken: false,
    variables: [],
    text: typeof value === 'string' ? null : text,
    override: variable,
  };
}

/** A profile's name becomes `{ profile: name }`; what is no breaker at all is left to the schema. */
function override(upstream: Located, key: string, value: Located): void {
  if (typeof upstream.value !== 'object' || upstream.value === null || Array.isArray(upstream.value)) return;
  const given = upstream.children.get('circuit_breaker');
  if (given?.broken === true) return;
  const breaker = given === undefined ? emptyMapping(value.range) : asMapping(given);
  if (breaker === null) return;
  put(breaker, key, value);
  put(upstream, 'circuit_breaker', breaker);
}

function asMapping(given: Located): Located | null {
  if (typeof given.value === 'string') {
    const mapping = emptyMapping(given.range);
    put(mapping, 'profile', given);
    return mapping;
  }
  return typeof given.value === 'object' && given.value !== null && !Array.isArray(given.value)
    ? given
    : null;
}

function emptyMapping(range: SourceRange): Located {
  const none = { variables: [], text: null, override: null };
  return { value: {}, range, keyRange: range, children: new Map(), broken: false, ...none };
}

function put(mapping: Located, key: string, child: Located): void {
  (mapping.children as Map<string, Located>).set(key, child);
  (mapping.value as Record<string, unknown>)[key] = child.value;
}

function unknown(variable: string, known: readonly string[], upstreams: readonly string[]): Draft {
  const near = suggest(variable, known);
  const advice =
    near === null
      ? `it must be ${PREFIX}<UPSTREAM>_<KEY>; the upstreams are ${upstreams.slice(0, 20).join(', ')}`
      : `did you mean ${near}?`;
  const message = `the variable ${variable} fits no upstream and key; ${advice}`;
  return { code: 'INVALID_VARIABLE', message, range: null, hint: null };
}

function ambiguous(variable: string, one: Place, other: Place, range: SourceRange): Draft {
  const message = `the variable ${variable} fits both ${one.key} of upstream "${one.upstream}" and ${other.key} of upstream "${other.upstream}"; rename one of them`;
  return { code: 'INVALID_VARIABLE', message, range, hint: null };
}
