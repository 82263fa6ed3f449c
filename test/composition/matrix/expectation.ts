import type { Cell, Fault, Kind, Sight } from './cell.ts';

/** What a fault is to an exchange, before any policy has its say. */
interface FaultFacts {
  /** What the gateway's log calls it; null: not an error of the exchange, but an answer. */
  readonly logged: string | null;
  /** What `retry.on` and `fallback.on` call it; null: neither knows it. */
  readonly condition: 'connect' | 'reset' | 'timeout' | 'protocol' | 'status' | null;
  /** What the client is told unless a policy helps: `part` of an answer, the gateway's own error, or the service's answer. */
  readonly told: 'part' | { status: number; code: string } | { status: number; body: string };
  /** The upstream is the one waited for only when it has the whole request: so is the fault. */
  readonly afterWholeRequest?: true;
}

const unreachable = { status: 502, code: 'UPSTREAM_UNREACHABLE' };
const reset = { status: 502, code: 'UPSTREAM_RESET' };
const timeout = { status: 504, code: 'UPSTREAM_TIMEOUT' };
const protocol = { status: 502, code: 'UPSTREAM_PROTOCOL_ERROR' };

const FACTS: Readonly<Record<Fault, FaultFacts>> = {
  refused: { logged: 'connect', condition: 'connect', told: unreachable },
  'reset at connect': { logged: 'reset', condition: 'reset', told: reset },
  'reset before headers': { logged: 'reset', condition: 'reset', told: reset },
  'reset mid-body': { logged: 'reset', condition: null, told: 'part' },
  'stall before headers': {
    logged: 'headers_timeout',
    condition: 'timeout',
    told: timeout,
    afterWholeRequest: true,
  },
  'stall mid-body': { logged: 'body_timeout', condition: null, told: 'part', afterWholeRequest: true },
  '500': { logged: null, condition: 'status', told: { status: 500, body: 'broken' } },
  slow: { logged: null, condition: null, told: { status: 200, body: 'well' }, afterWholeRequest: true },
  garbage: { logged: 'protocol', condition: 'protocol', told: protocol },
  'half-closed': { logged: 'reset', condition: 'reset', told: reset },
};

/** `protocol` is not in the default of `retry.on`, and 500 not in that of `retry.statuses`. */
const RETRIED: ReadonlySet<FaultFacts['condition']> = new Set(['connect', 'reset', 'timeout']);

/** A WebSocket is asked for by GET. Only a POST may not be carried out twice (RFC 9110 §9.2.2). */
function isIdempotent(kind: Kind): boolean {
  return kind === 'GET' || kind === 'WebSocket';
}

/** Whether something else answers in the end: another attempt, or the secondary. */
function helped({ fault, kind, policy }: Cell): 'retry' | 'secondary' | null {
  const { condition } = FACTS[fault];
  // What has begun to be answered is never answered again.
  if (condition === null) return null;
  // Nothing was sent where there was no connection, so that any method may be sent again.
  if (!isIdempotent(kind) && condition !== 'connect') return null;
  if (policy === 'retry' && RETRIED.has(condition)) return 'retry';
  return policy === 'fallback' ? 'secondary' : null;
}

/** A streamed body is cut short by a fault that does not wait for its end, unless who helps wants the rest. */
export function leavesBodyUnfinished(cell: Cell): boolean {
  return cell.kind === 'POST streaming' && !FACTS[cell.fault].afterWholeRequest && helped(cell) === null;
}

/** What has to happen in a cell of the matrix, by the rules above and below. */
export function expectation(cell: Cell): Sight {
  const { fault, kind, policy } = cell;
  const help = helped(cell);
  return {
    answer: answer(cell),
    // Nothing is under way at a port where nobody listens.
    second:
      policy === 'bulkhead' && fault !== 'refused'
        ? { status: 503, code: 'BULKHEAD_FULL', retryAfter: '1' }
        : null,
    breaker: breaker(cell),
    attempts: {
      begun: help === 'retry' ? 2 : 1,
      arrived: (help === 'retry' ? 2 : 1) - (fault === 'refused' ? 1 : 0),
    },
    secondary: help === 'secondary' ? 1 : 0,
    kept: kind === 'WebSocket' || leavesBodyUnfinished(cell) ? 0 : wholeAnswers(cell),
    log: log(cell),
  };
}

function answer(cell: Cell): Sight['answer'] {
  const { told } = FACTS[cell.fault];
  const help = helped(cell);
  const fallback = help === 'secondary' ? 'secondary' : null;
  const opens = cell.kind === 'WebSocket';
  if (help !== null || cell.fault === 'slow') {
    const body = help === 'secondary' ? 'from the secondary' : 'well';
    // The client of a WebSocket ends it, and both sides close as they should.
    if (opens) return { status: 101, code: null, body, fallback, connection: 'closed' };
    return { status: 200, code: null, body, fallback, connection: 'kept' };
  }
  if (told === 'part') {
    // A silent tunnel is closed, and only a broken one is broken off; a short answer must never look whole.
    const connection = opens && cell.fault === 'stall mid-body' ? 'closed' : 'cut';
    return { status: opens ? 101 : 200, code: null, body: 'part', fallback, connection };
  }
  // Unread bytes must not be taken for the next request (RFC 9112 §9.3). The gateway's own answer says so; when it passes
  // on the head of another one, the body might still be read.
  const ended = 'code' in told ? 'closing' : 'closed';
  const connection = leavesBodyUnfinished(cell) ? ended : 'kept';
  return { code: null, body: '', ...told, fallback, connection };
}

function breaker(cell: Cell): Sight['breaker'] {
  const { fault, kind } = cell;
  // With its 101 an upstream has done its part.
  const isTunnel = kind === 'WebSocket' && FACTS[fault].told === 'part';
  const fails = fault !== 'slow' && !isTunnel;
  return {
    state: 'CLOSED',
    successes: (fails ? 0 : 1) + (helped(cell) === 'retry' ? 1 : 0),
    failures: fails ? 1 : 0,
    timeouts: fails && fault.startsWith('stall') ? 1 : 0,
    // A head that never came was late as well.
    slow: fault === 'slow' || fault === 'stall before headers' ? 1 : 0,
    excluded: 0,
    // A full bulkhead is not the breaker's business.
    rejections: 0,
  };
}

/** Each leaves a connection that is as good as new. */
function wholeAnswers(cell: Cell): number {
  const own = cell.fault === 'slow' || cell.fault === '500' ? 1 : 0;
  return own + (helped(cell) === null ? 0 : 1);
}

function log(cell: Cell): string[] {
  const { logged, condition, told } = FACTS[cell.fault];
  const lines: string[] = [];
  // How a tunnel ends is the two sides' own affair.
  if (logged !== null && !(cell.kind === 'WebSocket' && told === 'part')) {
    lines.push(`warn upstream_failed: ${logged}, attempt 1 at api`);
  }
  const help = helped(cell);
  if (help === 'retry') lines.push(`info retry: ${condition}, attempt 1 at api`);
  if (help === 'secondary') lines.push(`info fallback: ${condition}, secondary`);
  return lines;
}
