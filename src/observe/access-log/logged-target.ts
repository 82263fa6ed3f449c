import type { AccessLogConfig } from '../../config/gateway-config.ts';
import { MASK } from '../../config/mask-url.ts';
import type { SecretNames } from './secret-names.ts';

/**
 * A request's target as the log may have it.
 *
 * @param target origin-form, as it was sent, or a URL
 */
export function loggedTarget(target: string, query: AccessLogConfig['query'], secrets: SecretNames): string {
  const at = target.indexOf('?');
  if (at === -1) return target;
  if (query === 'drop') return target.slice(0, at);
  const path = target.slice(0, at + 1);
  const text = target.slice(at + 1);
  return path + (query === 'names' ? names(text) : withoutSecrets(text, secrets));
}

function names(query: string): string {
  return query.split('&').map(masked).join('&');
}

/** Some servers take `;` for `&`, and what one of them takes for a secret must not be written. */
function withoutSecrets(query: string, secrets: SecretNames): string {
  return query
    .split(/([&;])/)
    .map((part) => (isSecret(part, secrets) ? masked(part) : part))
    .join('');
}

/** Of one without a name nobody knows what it is. */
function masked(parameter: string): string {
  const at = parameter.indexOf('=');
  if (at === -1) return parameter === '' ? '' : MASK;
  return `${parameter.slice(0, at)}=${MASK}`;
}

function isSecret(parameter: string, secrets: SecretNames): boolean {
  const at = parameter.indexOf('=');
  if (at === -1) return false;
  const name = decoded(parameter.slice(0, at));
  return name === null || secrets.has(name);
}

function decoded(name: string): string | null {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
