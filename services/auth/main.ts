import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Dependency } from '../shared/dependency.ts';
import type { Settings } from '../shared/environment.ts';
import { addHealthRoutes } from '../shared/health-routes.ts';
import { createHttpApp } from '../shared/http-app.ts';
import { runService } from '../shared/run-service.ts';
import { openDatabase } from '../shared/sqlite-database.ts';
import { duration, integer, path, text } from '../shared/variables.ts';
import { addAuthRoutes } from './auth-routes.ts';
import { GuardedUserStore } from './guarded-user-store.ts';
import { MongoUserStore } from './mongo-user-store.ts';
import { mongodbUrl } from './mongodb-url.ts';
import { hasArgon2, hashPassword } from './password.ts';
import { PasswordHasher } from './password-hasher.ts';
import { loadSigningKey } from './signing-key.ts';
import { SqliteUserStore } from './sqlite-user-store.ts';
import { Tokens } from './tokens.ts';
import { EmailTakenError, type UserStore } from './user-store.ts';

const variables = {
  /** Unset: users are kept in SQLite. */
  MONGODB_URL: mongodbUrl,
  /** For the SQLite file and the signing key. Unset: both in memory. */
  DATA_DIR: path(),
  /** Unset: `signing-key.pem` in DATA_DIR. */
  SIGNING_KEY_FILE: path(),
  TOKEN_ISSUER: text('breakwater-auth'),
  TOKEN_AUDIENCE: text('breakwater'),
  TOKEN_LIFETIME: duration(3_600_000, 1_000, 30 * 86_400_000),
  AUTH_DATABASE_TIMEOUT: duration(2_000, 50, 60_000),
  AUTH_DATABASE_FAILURE_THRESHOLD: integer(5, 1, 10_000),
  AUTH_DATABASE_OPEN_TIMEOUT: duration(60_000, 100, 86_400_000),
};

type AuthSettings = Settings<typeof variables>;

function openStore(settings: AuthSettings): UserStore {
  return settings.MONGODB_URL === null
    ? new SqliteUserStore(openDatabase(settings.DATA_DIR, 'auth'))
    : new MongoUserStore({ url: settings.MONGODB_URL, timeoutMs: settings.AUTH_DATABASE_TIMEOUT });
}

function guard(store: UserStore, settings: AuthSettings, log: Logger) {
  const database = new Dependency(
    {
      name: 'auth-database',
      code: 'DATABASE',
      unavailable: 'authentication service temporarily unavailable',
      failureThreshold: settings.AUTH_DATABASE_FAILURE_THRESHOLD,
      openTimeoutMs: settings.AUTH_DATABASE_OPEN_TIMEOUT,
      timeoutMs: settings.AUTH_DATABASE_TIMEOUT,
      classify: (error) => (error instanceof EmailTakenError ? 'answer' : 'failure'),
    },
    log,
  );
  return { users: new GuardedUserStore(store, database), breaker: database.breaker };
}

await runService({
  name: 'auth-service',
  port: 8081,
  variables,
  async build({ settings, log, lifecycle }) {
    const { DATA_DIR, SIGNING_KEY_FILE } = settings;
    const keyFile = SIGNING_KEY_FILE ?? (DATA_DIR === null ? null : join(DATA_DIR, 'signing-key.pem'));
    const tokens = new Tokens(await loadSigningKey(keyFile), {
      issuer: settings.TOKEN_ISSUER,
      audience: settings.TOKEN_AUDIENCE,
      lifetime: Math.floor(settings.TOKEN_LIFETIME / 1000),
    });
    if (keyFile === null) log.warn('DATA_DIR is unset: tokens and embedded users end with the process');
    if (!hasArgon2) log.warn('this Node has no argon2: passwords are hashed with scrypt');

    const { users, breaker } = guard(openStore(settings), settings, log);
    const hasher = new PasswordHasher(await hashPassword(randomUUID()));
    const app = createHttpApp(log, lifecycle);
    addHealthRoutes(app, lifecycle, [breaker]);
    addAuthRoutes(app, { users, hasher, tokens });
    return { app, close: () => users.close() };
  },
});
