import type { TargetConfig } from '../gateway-config.ts';
import { ValueError } from './value-error.ts';

type Origin = Omit<TargetConfig, 'weight'>;

const EXAMPLE = 'write it like http://127.0.0.1:8081';

/**
 * Where an upstream listens: scheme, host and port, nothing else. Messages do not repeat the value: it may hold a
 * password.
 * @throws {ValueError}
 */
export function parseTargetUrl(text: string): Origin {
  const url = /[\s\\\p{Cc}]/u.test(text) ? null : URL.parse(text);
  if (url === null || !/^[a-z]+:\/\/[^/]/i.test(text)) throw new ValueError(withoutScheme(text));
  const { protocol } = url;
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new ValueError(`must begin with http:// or https://, not ${protocol}//`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new ValueError('must not hold a user name or password: the gateway would send them nowhere');
  }
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text)) {
    throw new ValueError('must not have a query or a fragment; the client’s own query is sent on');
  }
  if (url.pathname !== '/') {
    throw new ValueError(
      `must not have a path; the client’s path is sent on, and "rewrite" in the route can put ${url.pathname} before it`,
    );
  }
  const port = url.port === '' ? (protocol === 'http:' ? 80 : 443) : Number(url.port);
  if (port === 0) throw new ValueError('must not have port 0');
  return { url: url.origin, protocol, hostname: url.hostname.replace(/^\[|\]$/g, ''), port };
}

function withoutScheme(text: string): string {
  return text.includes('://')
    ? `must be a URL; ${EXAMPLE}`
    : `must be a URL with its scheme; ${EXAMPLE}, with http:// or https:// in front`;
}
