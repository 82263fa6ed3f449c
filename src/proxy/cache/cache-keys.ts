import { createHash } from 'node:crypto';
import { listMembers } from '../../http/field-names.ts';
import type { HeaderList, InboundRequest } from '../../http/message.ts';
import { cacheKey } from '../../resilience/index.ts';
import { valuesOf } from './fields.ts';

/** Changes with the form of what is stored: a new release must not read the old one's entries. */
const VERSION = '1';

/**
 * Fields that the upstream does not get as the client sent them, because the gateway adds the client's address or an
 * id to them. An answer that was chosen by one is for this client, whatever it sent.
 */
const WRITTEN_BY_GATEWAY: ReadonlySet<string> = new Set(['forwarded', 'x-forwarded-for', 'x-request-id']);

/**
 * A resource's key. The parts come with their lengths, so no two lists of parts give the same text; the hash makes
 * it short, whatever a client sends.
 *
 * @param inFront what a trusted proxy in front was asked for; of anybody else's word the upstream hears nothing
 * @param path as the upstream is asked for it
 */
export function primaryKey(
  { scheme, authority }: Pick<InboundRequest, 'scheme' | 'authority'>,
  inFront: readonly string[],
  upstream: string,
  path: string,
): string {
  return hashed(['resource', VERSION, upstream, scheme, authority, path, ...inFront]);
}

/** The key of the variant that answers a request with these fields. */
export function variantKey(generation: string, vary: readonly string[], headers: HeaderList): string {
  return hashed([
    'variant',
    VERSION,
    generation,
    ...vary.flatMap((name) => [name, ...present(headers, name)]),
  ]);
}

/**
 * The fields by which an answer was chosen, lower case, sorted, each once.
 *
 * @returns null when no other request can be known to get the same (`Vary: *`, RFC 9111 §4.1)
 */
export function varyFields(headers: HeaderList): string[] | null {
  const names = [...new Set(listMembers(headers, 'vary'))].sort();
  return names.some((name) => name === '*' || WRITTEN_BY_GATEWAY.has(name)) ? null : names;
}

/** Whether there is such a field, and its lines as one value (RFC 9110 §5.3): absent is not the same as empty. */
function present(headers: HeaderList, name: string): [string, string] {
  const values = valuesOf(headers, name);
  return values.length === 0 ? ['0', ''] : ['1', values.map((value) => value.trim()).join(', ')];
}

function hashed(parts: readonly string[]): string {
  return createHash('sha256').update(cacheKey(parts)).digest('base64url');
}
