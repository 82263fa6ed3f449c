import type { z } from 'zod';
import { breakerProfileSchema } from './schema/breaker-schema.ts';

export type BreakerProfile = z.output<typeof breakerProfileSchema>;

/** The named profiles, and the one that is in effect where a breaker names none. */
export interface Profiles {
  readonly byName: Readonly<Record<string, BreakerProfile>>;
  readonly active: string | null;
}

/** The profile that allows `mock` fallbacks. */
export const DEVELOPMENT = 'development';

/** Always there, unless the file has profiles of its own with these names. */
export const BUILT_IN_PROFILES: Readonly<Record<string, BreakerProfile>> = {
  [DEVELOPMENT]: breakerProfileSchema.parse({ failure_threshold: 3, open_timeout: '30s' }),
  production: breakerProfileSchema.parse({ failure_threshold: 10, open_timeout: '120s' }),
};
