import { type Client, Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { SchoolService } from '../gen/school/v1/school_pb.ts';
import type { Caller, Dependency, FailureKind } from '../shared/dependency.ts';
import { ServiceError } from '../shared/service-error.ts';

/** What a failed call says about school-service. */
export function classifyGrpcError(error: unknown): FailureKind {
  if (!(error instanceof ConnectError)) return 'failure';
  if (error.code === Code.NotFound || error.code === Code.InvalidArgument) return 'answer';
  return error.code === Code.DeadlineExceeded ? 'timeout' : 'failure';
}

/** Asks school-service by gRPC, through the `school-service-grpc` breaker. */
export class SchoolClient {
  readonly #dependency: Dependency;
  readonly #sessions: Http2SessionManager;
  readonly #client: Client<typeof SchoolService>;

  constructor(baseUrl: string, dependency: Dependency) {
    this.#dependency = dependency;
    // The ping finds a connection whose other end vanished without a word.
    this.#sessions = new Http2SessionManager(baseUrl, { pingIntervalMs: 10_000, pingTimeoutMs: 2_000 });
    const transport = createGrpcTransport({ baseUrl, sessionManager: this.#sessions, readMaxBytes: 4_096 });
    this.#client = createClient(SchoolService, transport);
  }

  /**
   * @throws ServiceError 422 SCHOOL_NOT_FOUND; 502, 503 and 504 when school-service does not say
   */
  async requireSchool(id: string, caller: Caller): Promise<void> {
    try {
      const answer = await this.#dependency.call(
        (signal, timeoutMs) => this.#client.validateSchool({ id }, { signal, timeoutMs }),
        caller,
      );
      if (!answer.exists) throw unknownSchool(id);
    } catch (error) {
      if (error instanceof ConnectError) throw unknownSchool(id, error);
      throw error;
    }
  }

  close(): void {
    this.#sessions.abort();
  }
}

function unknownSchool(id: string, cause?: unknown): ServiceError {
  return new ServiceError(422, 'SCHOOL_NOT_FOUND', `There is no school with the id ${id}`, {
    details: { fields: [{ field: 'school_id', message: 'names no school' }] },
    cause,
  });
}
