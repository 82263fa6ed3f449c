import { BUILT_IN_PROFILES } from '../built-in-profiles.ts';
import { CACHE_BREAKER } from '../cache-breaker.ts';
import { type Draft, draftAt, pathText } from '../draft.ts';
import type { Places } from '../places.ts';
import { breakerFieldsSchema, profileNameSchema } from '../schema/breaker-schema.ts';
import { cacheSchema } from '../schema/cache-schema.ts';
import { suggestion } from '../suggest.ts';
import { type Located, locate, type Path } from '../yaml/located.ts';
import { entries, valid } from './valid.ts';

/** Profiles that are not there, and two breakers that logs and metrics could not tell apart. */
export function checkBreakers(root: Located, places: Places): Draft[] {
  const drafts = checkProfile(root, ['profile']);
  const taken = new Map<string, SourceStart>();
  const redisPath = ['cache', 'redis'];
  if (valid(root, redisPath, cacheSchema.shape.redis) != null) {
    const { keyRange, range } = locate(root, redisPath)!;
    taken.set(CACHE_BREAKER, { of: 'the cache in Redis', offset: (keyRange ?? range)[0] });
  }
  for (const [upstream, located] of entries(root, ['upstreams'])) {
    const path = ['upstreams', upstream, 'circuit_breaker'];
    drafts.push(...checkProfile(root, path), ...checkProfile(root, [...path, 'profile']));
    const namePath = [...path, 'name'];
    const given = locate(root, namePath);
    const name = given === undefined ? upstream : valid(root, namePath, breakerFieldsSchema.shape.name);
    if (name === undefined) continue;
    const range = given?.range ?? located.keyRange ?? located.range;
    const first = taken.get(name);
    if (first === undefined) taken.set(name, { of: `upstream "${upstream}"`, offset: range[0] });
    else {
      const message = `two breakers would be named "${name}": this one and that of ${first.of} (line ${places.line(first.offset)}); give it another circuit_breaker.name`;
      drafts.push(draftAt(given ?? located, 'DUPLICATE_BREAKER', message, range));
    }
  }
  return drafts;
}

interface SourceStart {
  readonly of: string;
  readonly offset: number;
}

function checkProfile(root: Located, path: Path): Draft[] {
  const profile = valid(root, path, profileNameSchema);
  const profiles = [
    ...new Set([
      ...entries(root, ['circuit_breakers']).map(([key]) => key),
      ...Object.keys(BUILT_IN_PROFILES),
    ]),
  ];
  if (profile === undefined || profiles.includes(profile)) return [];
  const message = `${pathText(path)}: there is no profile "${profile}" in circuit_breakers; ${suggestion(profile, profiles)}`;
  return [draftAt(locate(root, path)!, 'UNKNOWN_PROFILE', message)];
}
