import type { Child } from './child.ts';
import type { Cores } from './cores.ts';
import type { Peer, Variant } from './peer.ts';
import type { Upstream } from './upstream.ts';

/** How much is measured. */
export interface Effort {
  readonly rounds: number;
  /** Whole seconds under load, in one round of one peer. */
  readonly seconds: number;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly idleConnections: number;
  /** Bytes of the transfers up and down. */
  readonly transferBytes: number;
}

export interface Context {
  readonly cores: Cores;
  readonly effort: Effort;
  readonly upstream: Upstream;
  /** For scripts. */
  readonly folder: string;
}

/** A row: a peer in one of its variants. */
export interface Subject {
  readonly peer: Peer;
  readonly variant: Variant;
}

/** A peer that answers. */
export interface Running {
  readonly subject: Subject;
  readonly port: number;
  readonly child: Child;
  /** Stops it and starts it again; resolves with the milliseconds from its start to its first answer. */
  readonly restart: () => Promise<number>;
  /** What the warm-up found out. */
  facts: Readonly<Record<string, number>>;
}

export interface Sample {
  /** By the columns' keys. */
  readonly values: Readonly<Record<string, number>>;
  /** Why these are no measurement; null when they are. */
  readonly problem: string | null;
}

export interface Column {
  readonly key: string;
  readonly title: string;
  /** After the point. */
  readonly digits: number;
  /** Least and most of the rounds are shown as well. */
  readonly spread?: boolean;
}

/** One thing that is measured with every peer that can do it. */
export interface Scene {
  /** For `--scene`. */
  readonly name: string;
  readonly title: string;
  /** One or two sentences for the reader of the table. */
  readonly what: string;
  /** A peer takes part when it has them all; each makes a row. */
  readonly variants: readonly Variant[];
  /** Who answers behind the proxies: nginx as a rule, or a program that counts what it is sent. */
  readonly upstream?: 'nginx' | 'sink';
  /** No more rounds than this, whatever is asked for. */
  readonly mostRounds?: number;
  /** The first one is what ratios are of. */
  readonly columns: readonly Column[];
  /**
   * Before and after the measurement: are the answers right, and were they the upstream's?
   *
   * @throws Error saying what is wrong
   */
  readonly check: (running: Running, context: Context) => Promise<void>;
  /** Returns facts for `measure`, or none. */
  readonly warmUp: (running: Running, context: Context) => Promise<Readonly<Record<string, number>>>;
  readonly measure: (running: Running, context: Context) => Promise<Sample>;
}

/** Columns of every scene that counts requests. */
export const REQUEST_COLUMNS: readonly Column[] = [
  { key: 'cpu', title: 'CPU µs/request', digits: 1, spread: true },
  { key: 'rate', title: 'requests/s', digits: 0 },
  { key: 'p50', title: 'p50 ms', digits: 2 },
  { key: 'p99', title: 'p99 ms', digits: 2 },
  { key: 'busy', title: 'core busy %', digits: 0 },
];
