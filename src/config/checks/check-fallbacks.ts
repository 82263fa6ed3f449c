import type { z } from 'zod';
import { type Draft, draftAt, pathText } from '../draft.ts';
import type { Places } from '../places.ts';
import {
  DEFAULT_FALLBACK_METHODS,
  FALLBACK_CONDITIONS,
  FALLBACK_TYPES,
  fallbackStepSchema,
} from '../schema/fallback-schema.ts';
import { routeSchema } from '../schema/route-schema.ts';
import { suggestion } from '../suggest.ts';
import { type Located, locate, type Path } from '../yaml/located.ts';
import { entries, valid } from './valid.ts';

/** Steps that lead nowhere, that repeat what has failed already, or that no request ever reaches. */
export function checkFallbacks(root: Located, places: Places): Draft[] {
  const drafts: Draft[] = [];
  for (const [index] of entries(root, ['routes'])) {
    const route = ['routes', Number(index)];
    const steps: Step[] = [];
    for (const [at] of entries(root, [...route, 'fallback'])) {
      const path = [...route, 'fallback', Number(at)];
      const fields = valid(root, path, fallbackStepSchema);
      if (fields === undefined) continue;
      const step = new Step(path, locate(root, path)!, fields);
      const draft =
        checkUpstream(root, route, step) ??
        checkMethods(root, route, step) ??
        checkAgain(step, steps) ??
        checkReached(step, steps, places);
      if (draft !== null) drafts.push(draft);
      steps.push(step);
    }
  }
  return drafts;
}

/** A step that is right by itself. */
class Step {
  readonly path: Path;
  readonly located: Located;
  readonly fields: z.output<typeof fallbackStepSchema>;
  readonly type: (typeof FALLBACK_TYPES)[number];

  constructor(path: Path, located: Located, fields: z.output<typeof fallbackStepSchema>) {
    this.path = path;
    this.located = located;
    this.fields = fields;
    this.type = FALLBACK_TYPES.find((type) => fields[type] !== undefined)!;
  }

  /** Null: whatever the method. */
  get methods(): readonly string[] | null {
    return this.fields.methods ?? (this.type === 'upstream' ? null : DEFAULT_FALLBACK_METHODS);
  }

  /** Whether it answers whatever `other` could answer. */
  covers(other: Step): boolean {
    const { on = FALLBACK_CONDITIONS } = this.fields;
    const { methods } = this;
    const { on: otherOn = FALLBACK_CONDITIONS } = other.fields;
    const otherMethods = other.methods;
    return (
      otherOn.every((condition) => on.includes(condition)) &&
      (methods === null || otherMethods?.every((method) => methods.includes(method)) === true)
    );
  }

  wrong(key: string, message: string): Draft {
    const at = this.located.children.get(key) ?? this.located;
    return draftAt(at, 'INVALID_VALUE', `${pathText([...this.path, key])} ${message}`);
  }
}

function checkUpstream(root: Located, route: Path, step: Step): Draft | null {
  const name = step.fields.upstream;
  if (name === undefined) return null;
  const upstreams = entries(root, ['upstreams']).map(([key]) => key);
  if (!upstreams.includes(name)) {
    const path = [...step.path, 'upstream'];
    const message = `${pathText(path)}: there is no upstream "${name}"; ${suggestion(name, upstreams)}`;
    return draftAt(locate(root, path)!, 'UNKNOWN_UPSTREAM', message);
  }
  if (valid(root, [...route, 'upstream'], routeSchema.shape.upstream) !== name) return null;
  return step.wrong('upstream', 'is the route’s own, which has failed already; name another one');
}

/** Methods that a stale answer is never for, and a step whose methods the route does not take. */
function checkMethods(root: Located, route: Path, step: Step): Draft | null {
  const { methods } = step;
  if (methods === null) return null;
  const unstored = methods.find((method) => !DEFAULT_FALLBACK_METHODS.includes(method));
  if (step.type === 'stale' && unstored !== undefined) {
    return step.wrong('methods', `has ${unstored}, but only answers to GET are stored, for GET and HEAD`);
  }
  const taken = valid(root, [...route, 'methods'], routeSchema.shape.methods);
  // GET stands for HEAD as well.
  if (
    taken === undefined ||
    methods.some((one) => taken.includes(one) || (taken.includes('GET') && one === 'HEAD'))
  )
    return null;
  const advice = step.type === 'stale' ? '' : '; give the step "methods" of its own';
  const message = `never answers: it is for ${methods.join(', ')}, and the route takes ${taken.join(', ')}${advice}`;
  return draftAt(step.located, 'INVALID_VALUE', `${pathText(step.path)} ${message}`);
}

function checkAgain(step: Step, before: readonly Step[]): Draft | null {
  const { type, fields } = step;
  if (type === 'stale' && before.some((other) => other.type === 'stale')) {
    return step.wrong('stale', 'is given twice; the longest age alone says the same');
  }
  if (type !== 'upstream' || !before.some((other) => other.fields.upstream === fields.upstream)) return null;
  return step.wrong('upstream', `names "${fields.upstream}" a second time; it has failed already`);
}

/**
 * A mock answers in the profile `development` only, so what follows it may still be reached in others. And it may always
 * come last: `live → stale → static → mock` is how people write such chains, whether or not the static step leaves it
 * anything.
 */
function checkReached(step: Step, before: readonly Step[], places: Places): Draft | null {
  if (step.type === 'mock') return null;
  const first = before.find((other) => other.type === 'static' && other.covers(step));
  if (first === undefined) return null;
  const line = places.line(first.located.range[0]);
  const message = `is never reached: the static step in line ${line} answers all its requests`;
  return draftAt(step.located, 'INVALID_VALUE', `${pathText(step.path)} ${message}`);
}
