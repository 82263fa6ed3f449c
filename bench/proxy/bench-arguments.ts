import { parseArgs } from 'node:util';
import type { Peer } from './peer.ts';
import { allPeers } from './peers/all-peers.ts';
import type { Effort, Scene } from './scene.ts';
import { allScenes } from './scenes/all-scenes.ts';

export interface BenchArguments {
  readonly scenes: readonly Scene[];
  readonly peers: readonly Peer[];
  readonly effort: Effort;
  readonly updateDocs: boolean;
  readonly help: boolean;
}

const MIB = 1024 * 1024;
const FULL: Effort = {
  rounds: 5,
  seconds: 2,
  connections: 64,
  warmUpMs: 6_000,
  idleConnections: 10_000,
  transferBytes: 1024 * MIB,
};
/** Shows that everything works, and little else. */
const QUICK: Effort = {
  ...FULL,
  rounds: 1,
  seconds: 1,
  warmUpMs: 300,
  idleConnections: 1_000,
  transferBytes: 64 * MIB,
};

export const USAGE = `npm run bench:proxy -- [options]

  --scene a,b        only these: ${allScenes.map(({ name }) => name).join(', ')}
  --peer a,b         only these: ${allPeers.map(({ name }) => name).join(', ')}
  --rounds N         rounds of each scene, ${FULL.rounds} unless given
  --seconds N        under load, of one peer in one round, ${FULL.seconds} unless given
  --connections N    at a time, ${FULL.connections} unless given; at most 256
  --quick            one round of one second, 1,000 idle connections and 64 MiB: does everything work?
  --update-docs      writes the tables into docs/performance.md
`;

/** @throws Error saying which option is wrong and what may stand there */
export function benchArguments(args: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scene: { type: 'string' },
      peer: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      connections: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'update-docs': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.quick && values['update-docs']) throw new Error('--quick measures too little for --update-docs');
  const usual = values.quick ? QUICK : FULL;
  return {
    scenes: named('--scene', values.scene, allScenes),
    peers: named('--peer', values.peer, allPeers),
    effort: {
      ...usual,
      rounds: whole('--rounds', values.rounds, { usual: usual.rounds, most: 1000 }),
      seconds: whole('--seconds', values.seconds, { usual: usual.seconds, most: 600 }),
      // Proxies keep 256 connections to the upstream; with more clients they would open new ones all the time.
      connections: whole('--connections', values.connections, { usual: usual.connections, most: 256 }),
    },
    updateDocs: values['update-docs'],
    help: values.help,
  };
}

function named<T extends { readonly name: string }>(
  option: string,
  list: string | undefined,
  all: readonly T[],
): readonly T[] {
  if (list === undefined) return all;
  const names = list.split(',');
  for (const name of names) {
    if (!all.some((one) => one.name === name))
      throw new Error(`${option}: there is no "${name}", but ${all.map((one) => one.name).join(', ')}`);
  }
  return all.filter(({ name }) => names.includes(name));
}

function whole(
  option: string,
  text: string | undefined,
  { usual, most }: { usual: number; most: number },
): number {
  if (text === undefined) return usual;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw new Error(`${option} is "${text}"; a whole number from 1 to ${most} is needed`);
  return number;
}
