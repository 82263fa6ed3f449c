import type { z } from 'zod';
import { type Draft, draftAt, pathText } from '../draft.ts';
import {
  breakerDefaultsSchema,
  breakerProfileSchema,
  DEFAULT_FAILURE_THRESHOLD,
} from '../schema/breaker-schema.ts';
import { formatDuration } from '../schema/quantities.ts';
import { upstreamSchema } from '../schema/upstream-schema.ts';
import { type Located, locate, type Path } from '../yaml/located.ts';
import { entries, valid } from './valid.ts';

type Fields = z.output<typeof breakerProfileSchema>;

const DEFAULTS = breakerDefaultsSchema.parse({});

/**
 * Rules that lack what they need, or that could never hold, in breakers as they result from upstream and profile.
 * A profile that nobody uses is looked at as if an upstream named it and said nothing more.
 */
export function checkBreakerRules(root: Located): Draft[] {
  const drafts: Draft[] = [];
  const unused = new Set(entries(root, ['circuit_breakers']).map(([name]) => name));
  for (const [upstream] of entries(root, ['upstreams'])) {
    const own = ['upstreams', upstream, 'circuit_breaker'];
    const profile = profileOf(root, own);
    if (profile !== null && locate(root, ['circuit_breakers', profile]) === undefined) continue;
    if (profile !== null) unused.delete(profile);
    const breaker = new MergedBreaker(root, profile === null ? [own] : [own, ['circuit_breakers', profile]]);
    drafts.push(...checkRules(breaker, responseTimeout(root, upstream)));
  }
  for (const profile of unused)
    drafts.push(...checkRules(new MergedBreaker(root, [['circuit_breakers', profile]]), undefined));
  return drafts;
}

function responseTimeout(root: Located, upstream: string): number | undefined {
  const path = ['upstreams', upstream, 'response_timeout'];
  const schema = upstreamSchema.shape.response_timeout;
  return locate(root, path) === undefined ? schema.parse(undefined) : valid(root, path, schema);
}

function profileOf(root: Located, path: Path): string | null {
  const given = locate(root, path)?.value;
  const name = typeof given === 'string' ? given : locate(root, [...path, 'profile'])?.value;
  return typeof name === 'string' ? name : null;
}

/** A breaker's fields where they stand: in the upstream, else in its profile. */
class MergedBreaker {
  readonly #root: Located;
  readonly #places: readonly Path[];

  constructor(root: Located, places: readonly Path[]) {
    this.#root = root;
    this.#places = places;
  }

  /** Where the field stands that holds; null where nobody gives it. */
  path(key: keyof Fields): Path | null {
    const place = this.#places.find((path) => locate(this.#root, [...path, key]) !== undefined);
    return place === undefined ? null : [...place, key];
  }

  given(key: keyof Fields): boolean {
    return this.path(key) !== null;
  }

  /** Undefined where nobody gives it, or with a mistake of its own. */
  value<Key extends keyof Fields>(key: Key): Fields[Key] | undefined {
    const path = this.path(key);
    const schema = breakerProfileSchema.shape[key] as unknown as z.ZodType<Fields[Key]>;
    return path === null ? undefined : valid(this.#root, path, schema);
  }

  wrong(path: Path, message: string): Draft {
    return draftAt(locate(this.#root, path)!, 'INVALID_VALUE', `${pathText(path)} ${message}`);
  }

  needsWindow(path: Path): Draft {
    const located = locate(this.#root, path)!;
    const message = `${pathText(path)} needs a window: add window: 30s, or window: { count: 100 }`;
    return draftAt({ ...located, variables: [] }, 'MISSING_KEY', message, located.keyRange ?? located.range);
  }
}

const NEED_WINDOW = ['failure_rate', 'slow_call', 'min_requests'] as const;

function checkRules(breaker: MergedBreaker, headLimit: number | undefined): Draft[] {
  const drafts: Draft[] = [];
  if (!breaker.given('window')) {
    for (const key of NEED_WINDOW) {
      const path = breaker.path(key);
      if (path !== null) drafts.push(breaker.needsWindow(path));
    }
  }
  return [...drafts, ...checkIdleWindow(breaker), ...checkCount(breaker), ...checkSlow(breaker, headLimit)];
}

/** Only failures in a row are judged, and those know no window. */
function checkIdleWindow(breaker: MergedBreaker): Draft[] {
  const path = breaker.path('window');
  const used = ['failure_threshold', 'failure_rate', 'slow_call'] as const;
  if (path === null || !breaker.given('consecutive_failures') || used.some((key) => breaker.given(key)))
    return [];
  return [
    breaker.wrong(path, 'has no rule that looks at it: add failure_threshold, failure_rate or slow_call'),
  ];
}

/** More than a window by number holds can never be in it. */
function checkCount(breaker: MergedBreaker): Draft[] {
  const window = breaker.value('window');
  if (typeof window !== 'object' || window.count === undefined) return [];
  const { count } = window;
  const drafts: Draft[] = [];
  for (const key of ['min_requests', 'failure_threshold'] as const) {
    const value = breaker.value(key);
    if (value !== undefined && value > count) {
      const message = `must be at most ${count}, the calls that the window holds, not ${value}`;
      drafts.push(breaker.wrong(breaker.path(key)!, message));
    }
  }
  const others = ['failure_threshold', 'consecutive_failures', 'failure_rate', 'slow_call'] as const;
  if (count < DEFAULT_FAILURE_THRESHOLD && !others.some((key) => breaker.given(key))) {
    const message = `must be at least ${DEFAULT_FAILURE_THRESHOLD}, the failures that open a breaker without any rule; or add failure_threshold`;
    drafts.push(breaker.wrong([...breaker.path('window')!, 'count'], message));
  }
  return drafts;
}

/** A call that is cut off before it is slow can only be a failure. */
function checkSlow(breaker: MergedBreaker, headLimit: number | undefined): Draft[] {
  const slow = breaker.value('slow_call');
  if (slow === undefined) return [];
  const path = [...breaker.path('slow_call')!, 'duration'];
  const requestTimeout = breaker.given('request_timeout')
    ? breaker.value('request_timeout')
    : DEFAULTS.request_timeout;
  for (const [key, limit] of [
    ['request_timeout', requestTimeout],
    ['response_timeout', headLimit],
  ] as const) {
    if (limit === undefined || slow.duration < limit) continue;
    const message = `must be shorter than ${key} (${formatDuration(limit)}), which ends a call before it can be slow`;
    return [breaker.wrong(path, message)];
  }
  return [];
}
