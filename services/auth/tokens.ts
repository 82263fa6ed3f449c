import { type JSONWebKeySet, jwtVerify, SignJWT } from 'jose';
import { ServiceError } from '../shared/service-error.ts';
import type { SigningKey } from './signing-key.ts';

export interface TokenOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Seconds. */
  readonly lifetime: number;
}

/** Signs and checks access tokens: JWTs with EdDSA and nothing else, whatever a token's header asks for. */
export class Tokens {
  readonly #key: SigningKey;
  readonly #options: TokenOptions;

  constructor(key: SigningKey, options: TokenOptions) {
    this.#key = key;
    this.#options = options;
  }

  get lifetime(): number {
    return this.#options.lifetime;
  }

  get jwks(): JSONWebKeySet {
    return { keys: [this.#key.publicJwk] };
  }

  sign(userId: string): Promise<string> {
    const { issuer, audience, lifetime } = this.#options;
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT()
      .setProtectedHeader({ alg: 'EdDSA', kid: this.#key.kid, typ: 'JWT' })
      .setSubject(userId)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(now)
      .setExpirationTime(now + lifetime)
      .setJti(crypto.randomUUID())
      .sign(this.#key.privateKey);
  }

  /**
   * @returns the id of the user whom the token of an `Authorization: Bearer` header names
   * @throws ServiceError 401 UNAUTHENTICATED
   */
  async verify(authorization: string | undefined): Promise<string> {
    const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw unauthenticated('A bearer token is needed');
    const { issuer, audience } = this.#options;
    try {
      const { payload } = await jwtVerify(token, this.#key.publicKey, {
        algorithms: ['EdDSA'],
        typ: 'JWT',
        issuer,
        audience,
        requiredClaims: ['sub', 'iat', 'exp'],
      });
      return payload.sub ?? '';
    } catch (error) {
      throw unauthenticated('The token is not valid or has expired', error);
    }
  }
}

/** RFC 6750 section 3: no error code when no token came. */
export function unauthenticated(message: string, cause?: unknown): ServiceError {
  const challenge = cause === undefined ? 'Bearer' : 'Bearer error="invalid_token"';
  return new ServiceError(401, 'UNAUTHENTICATED', message, {
    headers: { 'www-authenticate': challenge },
    cause,
  });
}
