import type { BreakerProfile } from '../../src/resilience/index.ts';

export interface ClientSettings {
  readonly breaker: BreakerProfile;
  /** Milliseconds between two pings; null: the client is not pinged. */
  readonly pingEveryMs: number | null;
}

export type ClientName = 'database' | 'cache' | 'object-store';

const DEFAULTS: Readonly<Record<ClientName, ClientSettings>> = {
  database: {
    breaker: {
      failureThreshold: 3,
      successThreshold: 2,
      requestTimeoutMs: 10_000,
      openTimeoutMs: 30_000,
    },
    pingEveryMs: 15_000,
  },
  cache: {
    breaker: {
      failureThreshold: 10,
      successThreshold: 5,
      requestTimeoutMs: 5000,
      openTimeoutMs: 15_000,
      // A cache only helps: its errors and refusals are absorbed, and callers go on without it.
      failFast: false,
    },
    pingEveryMs: 10_000,
  },
  'object-store': {
    breaker: {
      failureThreshold: 5,
      successThreshold: 3,
      requestTimeoutMs: 30_000,
      openTimeoutMs: 60_000,
    },
    pingEveryMs: null,
  },
};

const NUMBERS = ['failureThreshold', 'successThreshold', 'requestTimeoutMs', 'openTimeoutMs'] as const;

/**
 * The settings of a client, with what the environment says instead: `DATABASE_FAILURE_THRESHOLD=5`,
 * `OBJECT_STORE_OPEN_TIMEOUT_MS=10000`.
 *
 * @throws Error a variable that is no number; the breaker itself refuses what is out of range
 */
export function settingsOf(
  name: ClientName,
  environment: Readonly<Record<string, string | undefined>> = {},
): ClientSettings {
  const { breaker, pingEveryMs } = DEFAULTS[name];
  const given = NUMBERS.flatMap((field): [string, number][] => {
    const variable = `${constantCase(name)}_${constantCase(field)}`;
    const text = environment[variable];
    if (text === undefined || text === '') return [];
    if (!/^\d+$/.test(text)) throw new Error(`${variable}: "${text}" is not a whole number`);
    return [[field, Number(text)]];
  });
  return { breaker: { ...breaker, ...Object.fromEntries(given) }, pingEveryMs };
}

/** `object-store` → `OBJECT_STORE`, `openTimeoutMs` → `OPEN_TIMEOUT_MS` */
function constantCase(name: string): string {
  return name.replace(/[A-Z]/g, '_$&').replaceAll('-', '_').toUpperCase();
}
