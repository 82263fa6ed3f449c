import { cpus, loadavg, release } from 'node:os';
import { programVersion } from './installed.ts';
import type { Peer } from './peer.ts';

/** Where and with what it was measured. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
  /** Of the wrk that made the load. */
  readonly wrk: string;
  /** Runnable processes of the last minute, before the benchmark began. */
  readonly load: number;
  /** By name; null where a peer is not installed. */
  readonly versions: Readonly<Record<string, string | null>>;
}

/** Above this, somebody else was at work. */
export const QUIET_LOAD = 0.5;

export function describeMachine(peers: readonly Peer[]): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model.trim() || 'unknown',
    cores: cpus().length,
    kernel: release(),
    node: process.version.slice(1),
    wrk: programVersion('wrk', ['-v'], /wrk (\S+)/) ?? 'none',
    load: loadavg()[0] ?? 0,
    versions: Object.fromEntries(peers.map(({ name, version }) => [name, version()])),
  };
}
