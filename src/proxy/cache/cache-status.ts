import { isToken } from '../../http/field-names.ts';

/** Why a request is forwarded (RFC 9211 §2.2). */
export type ForwardReason = 'bypass' | 'request' | 'stale' | 'uri-miss' | 'vary-miss';

/** Writes the gateway's member of Cache-Status (RFC 9211). */
export class CacheStatus {
  readonly #name: string;

  /** @param name of this cache: visible ASCII; quoted when it is not a token */
  constructor(name: string) {
    this.#name = isToken(name) && /^[A-Za-z*]/.test(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`;
  }

  /** @param ttlMs freshness left; negative when stale */
  hit(ttlMs: number): string {
    return `${this.#name}; hit; ttl=${seconds(ttlMs)}`;
  }

  forward(reason: ForwardReason): string {
    return `${this.#name}; fwd=${reason}`;
  }

  /** Answered with what somebody else's request, forwarded meanwhile, brought. */
  collapsed(reason: ForwardReason, ttlMs: number): string {
    return `${this.#name}; fwd=${reason}; collapsed; ttl=${seconds(ttlMs)}`;
  }

  /** The upstream has said that what was stored is still right. */
  revalidated(reason: ForwardReason, ttlMs: number): string {
    return `${this.#name}; fwd=${reason}; fwd-status=304; ttl=${seconds(ttlMs)}`;
  }
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
