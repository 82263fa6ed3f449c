import type { LogLine } from '../helpers/start-process.ts';

export type Part = 'gateway' | 'auth' | 'school' | 'student' | 'mongodb';

/** How long the breakers stay open in the drill, in milliseconds: the contract's minute would make it an hour. */
export const openTimeoutMs = 10_000;

/** The environment that shortens them, understood by the gateway's configuration and the services alike. */
export const shortBreakers = {
  BREAKER_OPEN_TIMEOUT: `${openTimeoutMs}ms`,
  AUTH_DATABASE_OPEN_TIMEOUT: `${openTimeoutMs}ms`,
  SCHOOL_GRPC_OPEN_TIMEOUT: `${openTimeoutMs}ms`,
} as const;

/** The school system as real processes that can really be taken down: containers, or programs of this machine. */
export interface Stage {
  /** For the report's title. */
  readonly title: string;
  readonly gatewayUrl: string;
  readonly adminUrl: string;
  readonly adminToken: string;
  /** False only on local processes where no MongoDB is installed. */
  readonly hasMongodb: boolean;
  /** An orderly stop in containers (`docker compose stop`), SIGKILL on local processes. */
  stop(part: Part): Promise<void>;
  /** Dies at once: SIGKILL. */
  kill(part: Part): Promise<void>;
  /** After `stop` or `kill`; returns when it serves again. */
  start(part: Part): Promise<void>;
  /** Frozen in the middle of what it does; its connections stay open. */
  pause(part: Part): Promise<void>;
  resume(part: Part): Promise<void>;
  /** Everything that it has logged so far. */
  log(part: Part): Promise<readonly LogLine[]>;
  /** Stops the gateway as an orchestrator does, and tells its exit code. */
  endGateway(): Promise<number | null>;
  /** Leaves nothing behind. */
  close(): Promise<void>;
}
