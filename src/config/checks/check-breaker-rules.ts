import { type Draft, pathText } from '../draft.ts';
import { breakerDefaultsSchema, DEFAULT_FAILURE_THRESHOLD } from '../schema/breaker-schema.ts';
import { formatDuration } from '../schema/quantities.ts';
import { formatStatusRange } from '../schema/status-ranges.ts';
import { upstreamSchema } from '../schema/upstream-schema.ts';
import type { Located, Path } from '../yaml/located.ts';
import { MergedBreaker, profileOf } from './merged-breaker.ts';
import { entries, valid } from './valid.ts';

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
    const breaker = new MergedBreaker(root, own, profileOf(root, own));
    if (breaker.lost) continue;
    unused.delete(breaker.profile ?? '');
    drafts.push(...checkRules(breaker, responseTimeout(root, upstream)));
  }
  for (const profile of unused) drafts.push(...checkRules(new MergedBreaker(root, null, profile), undefined));
  return drafts;
}

/** Where it is not given it is never shorter than `request_timeout`. */
function responseTimeout(root: Located, upstream: string): number | undefined {
  const path = ['upstreams', upstream, 'response_timeout'];
  return valid(root, path, upstreamSchema.shape.response_timeout);
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
  return [
    ...drafts,
    ...checkIdleWindow(breaker),
    ...checkCount(breaker),
    ...checkSlow(breaker, headLimit),
    ...checkExcluded(breaker),
  ];
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
    if (value === undefined || value <= count) continue;
    const path = breaker.path(key);
    const message =
      path === null
        ? `must be at least ${value}, the ${key} of the profile "${breaker.profile}"`
        : `must be at most ${count}, the calls that the window holds, not ${value}`;
    drafts.push(breaker.wrong(path ?? countPath(breaker), message));
  }
  const others = ['failure_threshold', 'consecutive_failures', 'failure_rate', 'slow_call'] as const;
  if (count < DEFAULT_FAILURE_THRESHOLD && !others.some((key) => breaker.given(key))) {
    const message = `must be at least ${DEFAULT_FAILURE_THRESHOLD}, the failures that open a breaker without any rule; or add failure_threshold`;
    drafts.push(breaker.wrong(countPath(breaker), message));
  }
  return drafts;
}

function countPath(breaker: MergedBreaker): Path {
  return [...breaker.path('window')!, 'count'];
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

/** What is said to be both cannot be meant; of the usual failures one may well be excluded. */
function checkExcluded(breaker: MergedBreaker): Draft[] {
  const failures = breaker.value('failure_statuses') ?? [];
  const drafts: Draft[] = [];
  for (const [index, range] of (breaker.value('excluded_statuses') ?? []).entries()) {
    const both = failures.find(({ from, to }) => from <= range.to && range.from <= to);
    if (both === undefined) continue;
    const message = `is counted nowhere, but ${pathText(breaker.path('failure_statuses')!)} has ${formatStatusRange(both)}; leave the status out of one of them`;
    drafts.push(breaker.wrong([...breaker.path('excluded_statuses')!, index], message));
  }
  return drafts;
}
