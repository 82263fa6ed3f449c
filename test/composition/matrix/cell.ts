/** How the upstream fails its first request, whatever that asks for. After that it is well. */
export const FAULTS = [
  /** Nobody listens on its port. */
  'refused',
  /** RST as soon as there is a connection; nothing has been read. */
  'reset at connect',
  /** RST in place of an answer. */
  'reset before headers',
  /** RST in the middle of the answer's body; of a WebSocket, behind its first frame. */
  'reset mid-body',
  /** The whole request was read, and nothing comes. */
  'stall before headers',
  /** Nothing more comes in the middle of the answer's body, or behind a WebSocket's first frame. */
  'stall mid-body',
  /** 500, with a body. */
  '500',
  /** A good answer, or a 101, later than `slow_call.duration`. */
  'slow',
  /** Bytes that are not HTTP. */
  'garbage',
  /** FIN in place of an answer; it would still read on. */
  'half-closed',
] as const;

/** `POST streaming`: chunked, and in two pieces: the first is what the upstream gets before it fails. */
export const KINDS = ['GET', 'POST small', 'POST streaming', 'WebSocket'] as const;

/** `retry`: two attempts. `fallback`: a secondary that is well. `bulkhead`: one request at a time, no queue. */
export const POLICIES = ['no policy', 'retry', 'fallback', 'bulkhead'] as const;

export type Fault = (typeof FAULTS)[number];
export type Kind = (typeof KINDS)[number];
export type Policy = (typeof POLICIES)[number];

export interface Cell {
  readonly fault: Fault;
  readonly kind: Kind;
  readonly policy: Policy;
}

/** What has to be true of a cell, and what was seen of it. */
export interface Sight {
  readonly answer: {
    /** What the client was told. */
    readonly status: number;
    /** Of the gateway's own error; null: it is an answer of a service. */
    readonly code: string | null;
    /** What came of a service's body, or the first frame of a WebSocket. */
    readonly body: string;
    /** `X-Fallback` */
    readonly fallback: string | null;
    /**
     * What became of the client's connection. `kept`: it took another request. `closing`: it ended after the answer, as
     * that had said. `closed`: it ended. `cut`: it broke, so that the answer cannot look complete.
     */
    readonly connection: 'kept' | 'closing' | 'closed' | 'cut';
  };
  /** The answer to a second request while the first was under way; null: none was sent. */
  readonly second: { readonly status: number; readonly code: string; readonly retryAfter: string } | null;
  /** What the breaker of the route's upstream counted. */
  readonly breaker: {
    readonly state: string;
    readonly successes: number;
    readonly failures: number;
    /** Of the failures. */
    readonly timeouts: number;
    /** Of both. */
    readonly slow: number;
    readonly excluded: number;
    readonly rejections: number;
  };
  /** Attempts that were begun at the route's upstream, and connections that it got for them. */
  readonly attempts: { readonly begun: number; readonly arrived: number };
  /** Connections that the secondary got. */
  readonly secondary: number;
  /** Connections from the gateway to either upstream that it keeps for later requests. */
  readonly kept: number;
  /** All lines of the gateway's log, as `level event: facts`. */
  readonly log: readonly string[];
}

export function nameOf({ fault, kind, policy }: Cell): string {
  return `${fault} × ${kind} × ${policy}`;
}
