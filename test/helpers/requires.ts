import { spawnSync } from 'node:child_process';
import { chromiumPath } from './chromium-path.ts';
import { mongodbCommand } from './mongodb-command.ts';

export type ServerName = 'mongodb' | 'redis' | 'docker' | 'chromium' | 'prometheus';

export interface Requirement {
  readonly name: ServerName;
  /** False: skip the test, `describe.skipIf(!requires('redis').available)`. */
  readonly available: boolean;
  /** One line for whoever wants to run the test too. */
  readonly howToGet: string;
}

const KINDS: Readonly<Record<ServerName, { readonly isThere: () => boolean; readonly howToGet: string }>> = {
  mongodb: {
    isThere: () => mongodbCommand() !== null,
    howToGet:
      'install MongoDB so that `mongod` is in PATH, or set BREAKWATER_TEST_MONGODB_COMMAND to what runs one on $PORT with its files in $DATA',
  },
  redis: {
    isThere: () => runs('redis-server', '--version'),
    howToGet: 'install Redis so that `redis-server` is in PATH (Debian: apt-get install redis-server)',
  },
  docker: {
    isThere: () => runs('docker', 'info'),
    howToGet: 'install Docker, start its engine and let this user reach it (`docker info` must answer)',
  },
  chromium: {
    isThere: () => chromiumPath() !== null,
    howToGet:
      'install Chromium so that `chromium` is in PATH (Debian: apt-get install chromium), or name it in BREAKWATER_TEST_CHROMIUM',
  },
  prometheus: {
    isThere: () => runs('prometheus', '--version') && runs('promtool', '--version'),
    howToGet:
      'install Prometheus so that `prometheus` and `promtool` are in PATH (Debian: apt-get install prometheus)',
  },
};

const known = new Map<ServerName, Requirement>();

/**
 * A server that a test needs and that not every machine has. Where it is missing, this says once how to get it.
 *
 * @throws Error when it is missing and the environment variable CI_REQUIRE names it (`CI_REQUIRE=redis,docker`): a
 *   machine that is meant to have it must not skip in silence
 */
export function requires(name: ServerName): Requirement {
  const before = known.get(name);
  if (before !== undefined) return before;
  const { isThere, howToGet } = KINDS[name];
  const available = isThere();
  if (!available && isRequired(name)) {
    throw new Error(`CI_REQUIRE names ${name}, but this machine has none: ${howToGet}`);
  }
  const requirement: Requirement = { name, available, howToGet };
  known.set(name, requirement);
  if (!available) console.warn(`Skipping what needs ${name}. To run it too, ${howToGet}.`);
  return requirement;
}

function isRequired(name: ServerName): boolean {
  const names = process.env.CI_REQUIRE?.split(',').map((each) => each.trim()) ?? [];
  return names.includes(name);
}

function runs(program: string, argument: string): boolean {
  return spawnSync(program, [argument], { timeout: 20_000, stdio: 'ignore' }).status === 0;
}
