import type { z } from 'zod';
import { type BreakerProfile, BUILT_IN_PROFILES } from '../built-in-profiles.ts';
import { type Draft, draftAt, pathText } from '../draft.ts';
import { breakerProfileSchema, profileNameSchema } from '../schema/breaker-schema.ts';
import { type Located, locate, type Path } from '../yaml/located.ts';
import { valid } from './valid.ts';

/** A breaker's fields where they stand: in the upstream, else in its profile. */
export class MergedBreaker {
  /** The profile that its fields come from; null: from none. */
  readonly profile: string | null;
  /** Its profile is none of the file's, and none that is always there. */
  readonly lost: boolean;
  readonly #root: Located;
  readonly #places: readonly Path[];
  readonly #builtIn: BreakerProfile | null;

  constructor(root: Located, own: Path | null, profile: string | null) {
    const path = ['circuit_breakers', profile ?? ''];
    const inFile = profile !== null && locate(root, path) !== undefined;
    this.profile = profile;
    this.#root = root;
    this.#places = [...(own === null ? [] : [own]), ...(inFile ? [path] : [])];
    this.#builtIn = profile !== null && !inFile ? builtIn(profile) : null;
    this.lost = profile !== null && !inFile && this.#builtIn === null;
  }

  /** Where the field stands that holds; null where the file does not give it. */
  path(key: keyof BreakerProfile): Path | null {
    const place = this.#places.find((path) => locate(this.#root, [...path, key]) !== undefined);
    return place === undefined ? null : [...place, key];
  }

  given(key: keyof BreakerProfile): boolean {
    return this.path(key) !== null || this.#builtIn?.[key] !== undefined;
  }

  /** Undefined where nobody gives it, or with a mistake of its own. */
  value<Key extends keyof BreakerProfile>(key: Key): BreakerProfile[Key] | undefined {
    const path = this.path(key);
    const schema = breakerProfileSchema.shape[key] as unknown as z.ZodType<BreakerProfile[Key]>;
    return path === null ? this.#builtIn?.[key] : valid(this.#root, path, schema);
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

/** The profile that a breaker takes its fields from: the one that it names, else the one in effect. */
export function profileOf(root: Located, breaker: Path): string | null {
  return (
    valid(root, breaker, profileNameSchema) ??
    valid(root, [...breaker, 'profile'], profileNameSchema) ??
    valid(root, ['profile'], profileNameSchema) ??
    null
  );
}

function builtIn(profile: string): BreakerProfile | null {
  return Object.hasOwn(BUILT_IN_PROFILES, profile) ? BUILT_IN_PROFILES[profile]! : null;
}
