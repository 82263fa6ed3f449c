import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { AdminConfig } from '../config/gateway-config.ts';
import { hostOf } from '../proxy/host-pattern.ts';
import { AdminError, AdminStartError } from './admin-error.ts';
import { isLoopback } from './loopback.ts';

/** What matters of a request to who may have what it asks for. */
export interface Asking {
  readonly headers: IncomingHttpHeaders;
  /** It asks for what holds no data, such as the page on which somebody is going to log in. */
  readonly open: boolean;
}

/** Who may use the admin API. Everything is checked before it is found out what there is at the path. */
export class AdminGuard {
  readonly #listenHost: string;
  readonly #tokenDigest: Buffer | null;

  /** @throws {AdminStartError} `ADMIN_TOKEN_REQUIRED` */
  constructor({ listen, token }: AdminConfig) {
    if ((token === null || token === '') && !isLoopback(listen.host)) {
      throw new AdminStartError(
        'ADMIN_TOKEN_REQUIRED',
        `the admin API on ${listen.host} could be reached from outside: set admin.token, or listen on 127.0.0.1`,
      );
    }
    this.#listenHost = listen.host.toLowerCase();
    this.#tokenDigest = token === null || token === '' ? null : digest(token);
  }

  get tokenRequired(): boolean {
    return this.#tokenDigest !== null;
  }

  /** @throws {AdminError} `FORBIDDEN` or `UNAUTHORIZED` */
  check({ headers, open }: Asking): void {
    if (!open || !isNavigation(headers)) this.#refuseOtherSites(headers);
    if (this.#tokenDigest === null) this.#refuseOtherNames(headers.host);
    else if (!open) refuseWrongToken(headers.authorization, this.#tokenDigest);
  }

  /**
   * A browser on the operator's machine can reach what the operator can. It tells where a request comes from by
   * Sec-Fetch-Site, older ones by Origin; other programs send neither.
   */
  #refuseOtherSites(headers: IncomingHttpHeaders): void {
    const site = headers['sec-fetch-site'];
    const sameSite = site === undefined || site === 'same-origin' || site === 'none';
    const origin = headers.origin?.toLowerCase();
    const host = headers.host?.toLowerCase();
    const sameOrigin = origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
    if (!sameSite || !sameOrigin)
      throw new AdminError('FORBIDDEN', 'Web pages of other origins may not use the admin API.');
  }

  /** DNS rebinding: a foreign page whose name suddenly resolves to this machine is same-origin to the browser. */
  #refuseOtherNames(host: string | undefined): void {
    const name = hostOf(host ?? '');
    if (name !== null && (isLoopback(name) || name === this.#listenHost)) return;
    throw new AdminError(
      'FORBIDDEN',
      'Without a token the admin API answers only to localhost or a loopback address.',
    );
  }
}

/**
 * Somebody follows a link or types an address, and a whole window is going to show what comes; no script of another site
 * can read it, and no frame of one holds it (Fetch Metadata Request Headers, 2; browsers send no Origin with it).
 */
function isNavigation(headers: IncomingHttpHeaders): boolean {
  return (
    headers['sec-fetch-mode'] === 'navigate' &&
    headers['sec-fetch-dest'] === 'document' &&
    headers.origin === undefined
  );
}

function refuseWrongToken(authorization: string | undefined, expected: Buffer): void {
  const [scheme, given] = (authorization ?? '').split(' ', 2);
  const bearer = scheme?.toLowerCase() === 'bearer';
  // Digests are of one length, so that the comparison takes the same time for every guess. No token is empty.
  if (timingSafeEqual(digest(bearer ? (given ?? '') : ''), expected)) return;
  throw new AdminError(
    'UNAUTHORIZED',
    'Send the token of the admin API as "Authorization: Bearer <token>".',
    {
      'WWW-Authenticate': 'Bearer realm="breakwater admin"',
    },
  );
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
