import type { UpstreamError } from '../http/message.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { ExchangeObserver } from './exchange-record.ts';
import type { Route } from './route.ts';
import type { TrustedPeers } from './trusted-peers.ts';

/** What all exchanges of a running gateway share. */
export interface ExchangeContext {
  readonly upstreams: ReadonlyMap<string, Upstream>;
  /** Our pseudonym in `Via`. */
  readonly via: string;
  readonly trustedPeers: TrustedPeers;
  readonly observer: ExchangeObserver;
  /** Told of an error in the gateway's own code; the client gets a 500. */
  readonly onInternalError: (error: unknown, requestId: string) => void;
  /** Told why an attempt failed; the client only gets a code. */
  readonly onUpstreamError: (error: UpstreamError, admission: Admission) => void;
}

/** What the front door found out about one request before it became an exchange. */
export interface Admission {
  readonly route: Route;
  readonly upstream: Upstream;
  readonly requestId: string;
  /** Byte-exact path and query to ask the upstream for, after the route's rewriting. */
  readonly path: string;
}
