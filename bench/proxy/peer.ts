import type { ChildCommand } from './child.ts';
import type { UpstreamPlace } from './upstream.ts';

/**
 * How a proxy is set up. `plain`: everything to one upstream. `policies`: the same with every policy on. `many`: 1,000
 * routes over 200 upstreams. `open`: everything is refused with 503.
 */
export type Variant = 'plain' | 'policies' | 'many' | 'open';

/** Of the variant `many`: route `/r<n>/*` leads to upstream n modulo their number. */
export const MANY_ROUTES = 1000;

export interface PeerSetup {
  /** Its own, empty, for configuration and whatever else. */
  readonly folder: string;
  readonly port: number;
  readonly variant: Variant;
  readonly upstream: UpstreamPlace;
}

/** One of the proxies that are compared. */
export interface Peer {
  /** For `--peer`. */
  readonly name: string;
  /** For the table. */
  readonly title: string;
  readonly variants: readonly Variant[];
  /** Its version, or null where it is not installed. */
  readonly version: () => string | null;
  /** How to get it, in a command. */
  readonly install: string;
  /** Before anything is started; may take its time. */
  readonly build?: () => void;
  /** Writes the configuration into the folder and says what to run; it is ready when its port answers. */
  readonly prepare: (setup: PeerSetup) => Promise<ChildCommand> | ChildCommand;
}

/** Whole seconds: longer than any run, so that no side drops what it was told to keep. */
export const KEEP_SECONDS = 3600;
/** More than the connections that any scene loads with. */
export const KEPT_CONNECTIONS = 256;
