import { flag, withDefault } from './field.ts';
import { mapping } from './structure.ts';

const on = (doc: string) => withDefault(flag({ doc }), true);

/** `answers`: what the gateway adds to the answers that it passes on. */
export const answersSchema = mapping({
  request_id: on('`X-Request-Id`: the client’s own if it is a plain word, else one that the gateway makes.'),
  via: on('`Via` (RFC 9110 §7.6.3).'),
  circuit_breaker: on(
    '`X-Circuit-Breaker-<Service>`: the state of the breaker of each upstream that was asked.',
  ),
  degraded: on('`X-System-Degraded`: `true` while a breaker is not closed, and on answers of a fallback.'),
  server_timing: on('`Server-Timing: upstream;dur=…`: how long the upstream took.'),
  cache_status: on('`Cache-Status` (RFC 9211), on routes with a cache.'),
});
