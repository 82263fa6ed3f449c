import { spawnSync } from 'node:child_process';

/**
 * A shell command that runs a MongoDB server on $PORT with its files in $DATA, until it is killed. null where
 * none is installed; where CI_REQUIRE names mongodb, that is an error instead.
 *
 * BREAKWATER_TEST_MONGODB_COMMAND overrides what is looked for.
 */
export function mongodbCommand(): string | null {
  const given = process.env.BREAKWATER_TEST_MONGODB_COMMAND;
  if (given) return given;
  if (spawnSync('mongod', ['--version']).status === 0) {
    return 'exec mongod --bind_ip 127.0.0.1 --port "$PORT" --dbpath "$DATA"';
  }
  if (process.env.CI_REQUIRE?.split(',').includes('mongodb')) {
    throw new Error(
      'CI_REQUIRE names mongodb, but there is neither BREAKWATER_TEST_MONGODB_COMMAND nor mongod',
    );
  }
  return null;
}
