import { existsSync } from 'node:fs';
import { ConfigError } from '../../config/config-error.ts';
import { formatAddress } from '../../config/schema/address.ts';
import type { CommandIo } from '../command-io.ts';
import { reachable } from '../reachable.ts';
import { AdminCallError } from './admin-call-error.ts';

/** What the command line says about where the gateway is. */
export interface AdminOptions {
  /** URL of the admin API. */
  readonly admin?: string | undefined;
  readonly config: string;
  /** Whether `config` was named, and is not just the default. */
  readonly configNamed: boolean;
}

/** Where the admin API is, and what opens it. */
export interface AdminPlace {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string | null;
  /** What to say besides when nobody listens there; null: nothing. */
  readonly hint: string | null;
}

const DEFAULT_URL = 'http://127.0.0.1:9901';
const TOKEN_VARIABLE = 'BREAKWATER_ADMIN_TOKEN';

/**
 * `--admin` goes before the configuration, and the token of the environment before that of the configuration. A
 * configuration that merely lies there tells no token to an address of `--admin`: they need not belong together.
 *
 * @throws {AdminCallError} `BAD_ADDRESS`, `NO_ADMIN` or `BAD_ARGUMENT`
 * @throws {ConfigError} the configuration cannot be read
 */
export async function findAdmin(options: AdminOptions, io: CommandIo): Promise<AdminPlace> {
  const own = io.env[TOKEN_VARIABLE] || null;
  if (own !== null && !/^[\x21-\x7e]+$/.test(own)) {
    throw new AdminCallError('BAD_ARGUMENT', `${TOKEN_VARIABLE} holds characters that a token cannot have`);
  }
  const { admin, config, configNamed } = options;
  if (admin !== undefined) {
    const url = parseUrl(admin);
    const token = own ?? (configNamed ? ((await readAdmin(options, io))?.token ?? null) : null);
    return { url, token, hint: null };
  }
  const there = configNamed || existsSync(config);
  const configured = there ? await readAdmin(options, io) : null;
  if (configured !== null) {
    if (configured.listen.port === 0) {
      throw new AdminCallError(
        'NO_ADMIN',
        `${config} leaves the port of the admin API to the system: say with --admin URL where it is`,
      );
    }
    const url = `http://${formatAddress(reachable(configured.listen))}`;
    return { url, token: own ?? configured.token, hint: null };
  }
  if (configNamed) throw new AdminCallError('NO_ADMIN', noAdmin(config));
  const hint = there
    ? noAdmin(config)
    : `there is no ${config} here; name one with -c, or the URL with --admin`;
  return { url: DEFAULT_URL, token: own, hint };
}

function noAdmin(config: string): string {
  return `${config} has no "admin" section, and a gateway without it has no admin API: add admin: { listen: 127.0.0.1:9901 }`;
}

/** Loaded only where it is needed: the reader of configurations is most of the program. */
async function readAdmin({ config, admin }: AdminOptions, io: CommandIo) {
  const { loadConfig } = await import('../../config/load-config.ts');
  try {
    return loadConfig(config, io.env).admin;
  } catch (error) {
    if (error instanceof ConfigError && admin === undefined) {
      io.err(
        `${config} should say where the gateway is, and cannot be used; --admin URL goes without it\n\n`,
      );
    }
    throw error;
  }
}

function parseUrl(text: string): string {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  // A number is an IPv4 address to the URL Standard (3.5), 9901 that of a stranger: 0.0.38.173. Who writes it means a port.
  if (/^\d+$/.test(text)) {
    throw new AdminCallError('BAD_ADDRESS', `--admin ${text} names no host; write it like ${DEFAULT_URL}`);
  }
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new AdminCallError('BAD_ADDRESS', `--admin ${text} is no URL; write it like ${DEFAULT_URL}`);
  }
  if (url.username !== '' || url.password !== '') {
    // Not repeated: it is a secret.
    throw new AdminCallError(
      'BAD_ADDRESS',
      `--admin holds a user or a password, which every user of this machine can see; the token belongs into ${TOKEN_VARIABLE}`,
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw new AdminCallError('BAD_ADDRESS', `--admin ${text} has a query; write it like ${DEFAULT_URL}`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
