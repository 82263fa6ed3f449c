import type { HeaderList } from '../http/message.ts';
import type { Bulkhead } from '../resilience/index.ts';

/** How one attempt differs from others of its exchange. */
export interface CallOptions {
  /** The route's, taken before the upstream's own; null: none. */
  readonly pool: Bulkhead | null;
  /** Fields to send in place of the client's own conditional ones. */
  readonly conditional?: HeaderList | null | undefined;
}
