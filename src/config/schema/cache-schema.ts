import { z } from 'zod';
import { count, described, duration, otherwise, show, size, text, withDefault } from './field.ts';
import { parseKeyPrefix, parseRedisUrl, parseRedisUrlOrNone } from './redis-url.ts';
import { mapping } from './structure.ts';

const redisUrl = {
  doc: 'Where Redis listens: `redis://127.0.0.1:6379`, or `rediss://` for TLS; may hold user and password, and the number of a database as path.',
  type: 'URL',
};

const redisUrlSchema = text({ ...redisUrl, parse: parseRedisUrl });

/** The mapping form of `cache.redis`. */
export const redisSchema = mapping({
  url: redisUrlSchema,
  command_timeout: withDefault(
    duration({
      doc: 'Longest wait for one command; then the request goes on without the cache.',
      min: '1ms',
      max: '1m',
    }),
    '250ms',
  ),
  prefix: withDefault(
    text({ doc: 'Stands before every key.', type: 'text', parse: parseKeyPrefix }),
    'breakwater:cache:',
  ),
  failure_threshold: withDefault(
    count({ doc: 'Failures in a row after which Redis is left alone.', min: 1, max: 1_000_000 }),
    5,
  ),
  open_timeout: withDefault(
    duration({ doc: 'For how long it is left alone.', min: '1ms', max: '24h' }),
    '10s',
  ),
});

/** 1 MiB. */
export const DEFAULT_MAX_ENTRY_BYTES = 1024 * 1024;

/** `cache`: the store that the routes’ caches share. */
export const cacheSchema = mapping({
  max_size: withDefault(
    size({
      doc: 'Memory for all stored answers. With several workers one half is the store of all, and the other is divided among them for copies of what is asked for often. The longest unused go first. Redis has a bound of its own, `maxmemory`.',
      min: '1KiB',
      max: '1024GiB',
    }),
    '64MiB',
  ),
  max_entry_size: otherwise(
    size({
      doc: 'Largest body that is stored; at most `max_size`.',
      min: '1B',
      max: '1GiB',
    }),
    '`1MiB`, or `max_size` where that is less',
  ),
  redis: described(
    z
      .union([text({ ...redisUrl, parse: parseRedisUrlOrNone }), redisSchema], {
        error: ({ input }) =>
          `must be a URL such as redis://127.0.0.1:6379, or { url, … }, not ${typeof input === 'object' ? show(input) : 'that'}`,
      })
      .optional(),
    {
      doc: 'Keeps the answers in Redis, where every gateway finds them: its URL, or a mapping. Empty or absent: in memory.',
      type: 'URL, or mapping (below)',
      bounds: null,
      default: null,
    },
  ),
}).superRefine(({ max_size, max_entry_size }, context) => {
  if (max_entry_size === undefined || max_entry_size <= max_size) return;
  const message = 'must not be larger than max_size: nothing so large could be stored';
  context.addIssue({ code: 'custom', message, path: ['max_entry_size'], input: max_entry_size });
});
