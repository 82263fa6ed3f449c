import { z } from 'zod';
import { parseAddress, parseRange } from './address.ts';
import {
  count,
  countOrAuto,
  countOrUnlimited,
  described,
  duration,
  flag,
  otherwise,
  show,
  size,
  sizeOrUnlimited,
  text,
  withDefault,
} from './field.ts';
import { parsePseudonym, parseToken } from './names.ts';
import { mapping } from './structure.ts';

/** `server`: the port that clients use. */
export const serverSchema = mapping({
  listen: withDefault(
    text({
      doc: 'Where clients connect: `host:port`, `[::1]:8080`, or `:8080` for every IPv4 address. Port 0 lets the system choose.',
      type: 'address',
      parse: parseAddress,
    }),
    '0.0.0.0:8080',
  ),
  fast_lane: withDefault(
    flag({
      doc: 'Plain requests are read and sent by parsers of the gateway’s own, at a fraction of the cost; everything else, and whatever is in doubt, by those of Node.js and undici. The same answers either way.',
    }),
    true,
  ),
  workers: withDefault(
    countOrAuto({
      doc: 'Threads that take traffic, all on the same port; breakers, budgets, bulkheads and metrics are exact over all of them. `auto`: one for each core that the process may use. One takes no further thread.',
      min: 1,
      max: 256,
    }),
    'auto',
  ),
  header_timeout: withDefault(
    duration({
      doc: 'Time for a whole request head to arrive; then 408, and the connection is closed.',
      min: '1ms',
      max: '1h',
    }),
    '30s',
  ),
  body_timeout: withDefault(
    duration({
      doc: 'Longest silence while a request body is still owed; then 408.',
      min: '1ms',
      max: '24h',
    }),
    '30s',
  ),
  idle_timeout: withDefault(
    duration({
      doc: 'How long a connection may rest between two requests before it is closed.',
      min: '1ms',
      max: '24h',
    }),
    '60s',
  ),
  send_timeout: withDefault(
    duration({
      doc: 'How long a client may leave its answer unread before the connection is closed.',
      min: '1ms',
      max: '24h',
    }),
    '60s',
  ),
  shutdown_timeout: withDefault(
    duration({
      doc: 'How long running requests may take to finish after SIGTERM or SIGINT.',
      min: '1ms',
      max: '1h',
    }),
    '10s',
  ),
  max_header_size: withDefault(
    size({
      doc: 'Largest header section of a request; a larger one is answered 431. The target has a limit of its own.',
      min: '1KiB',
      max: '1MiB',
    }),
    '32KiB',
  ),
  max_header_count: withDefault(
    count({ doc: 'Most header lines in a request; more are answered 431.', min: 1, max: 10_000 }),
    100,
  ),
  max_target_size: withDefault(
    size({
      doc: 'Longest request target (path and query); a longer one is answered 414.',
      min: '128B',
      max: '1MiB',
    }),
    '8KiB',
  ),
  max_body_size: withDefault(
    sizeOrUnlimited({
      doc: 'Largest request body; a larger one is answered 413.',
      min: '0B',
      max: '1024GiB',
    }),
    '10MiB',
  ),
  max_connections: withDefault(
    countOrUnlimited({
      doc: 'Client connections at a time; further ones are answered 503 and closed.',
      min: 1,
      max: 1_000_000,
    }),
    10_000,
  ),
  trusted_proxies: described(
    z
      .array(
        text({
          doc: 'An IP address or a CIDR range.',
          type: 'address or range',
          parse: parseRange,
        }),
        { error: ({ input }) => `must be a list of IP addresses and ranges, not ${show(input)}` },
      )
      .optional(),
    {
      doc: 'Peers whose `Forwarded` and `X-Forwarded-*` fields are believed. Those of all others are overwritten.',
      type: 'list of IP addresses and CIDR ranges',
      bounds: null,
      default: '[]',
    },
  ),
  via: otherwise(
    text({
      doc: 'The gateway’s name in the `Via` field, by which it also knows a request that comes back to it (508).',
      type: 'word',
      parse: parsePseudonym,
    }),
    '`breakwater-` and six digits that each start draws anew, so that one gateway may stand behind another',
  ),
});

/** `admin`: the port for operators. */
export const adminSchema = mapping({
  listen: withDefault(
    text({
      doc: 'Where the admin API listens. On an address that other machines reach, `token` is required.',
      type: 'address',
      parse: parseAddress,
    }),
    '127.0.0.1:9901',
  ),
  token: described(text({ doc: '', type: 'bearer token', parse: parseToken }).nullable().optional(), {
    doc: 'Bearer token that every request to the admin API must carry. Empty or absent: none is asked for.',
    type: 'text',
    bounds: null,
    default: null,
  }),
});
