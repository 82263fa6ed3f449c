import type { HeaderList } from '../http/message.ts';

/** Where a request stands in a trace, as its client says (W3C Trace Context). */
export interface TraceContext {
  /** 32 hexadecimal digits in lower case, not all 0. */
  readonly traceId: string;
  /** Of the client's span: 16 such digits. */
  readonly parentId: string;
  /** The client says that it records its part. */
  readonly sampled: boolean;
  /** The digits of the trace id are random (Trace Context level 2, §2.2.2.2.2). */
  readonly random: boolean;
  /** Fields `tracestate` as they came, in their order; what is in them is for others. */
  readonly state: HeaderList;
}

const SAMPLED = 0x01;
const RANDOM = 0x02;

/**
 * §2.2.2: version, trace-id, parent-id, trace-flags in lower case, of which ff and all zeros are invalid. Of a version that
 * we do not know, what stands before the fourth dash means the same (§2.2.4); version 00 ends there.
 */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** @returns null: there is none that is valid, and the trace begins here */
export function readTraceContext(headers: HeaderList): TraceContext | null {
  let parent: string | null = null;
  let state: string[] | null = null;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    if (isNamed(name, 'traceparent')) {
      // Two are as good as none: nobody can say which one the next server would read.
      if (parent !== null) return null;
      parent = headers[at + 1] as string;
    } else if (isNamed(name, 'tracestate')) {
      state ??= [];
      state.push('tracestate', headers[at + 1] as string);
    }
  }
  return parent === null ? null : parse(parent, state ?? []);
}

function isNamed(name: string, lower: string): boolean {
  return name.length === lower.length && name.toLowerCase() === lower;
}

function parse(value: string, state: HeaderList): TraceContext | null {
  const [, version, traceId, parentId, flagDigits, more] = TRACEPARENT.exec(value) ?? [];
  if (traceId === undefined || parentId === undefined || flagDigits === undefined) return null;
  if (version === '00' && more !== undefined) return null;
  const flags = Number.parseInt(flagDigits, 16);
  return {
    traceId,
    parentId,
    sampled: (flags & SAMPLED) !== 0,
    random: (flags & RANDOM) !== 0,
    state,
  };
}

/** The span that a server is asked by. */
export interface AskingSpan {
  readonly traceId: string;
  /** 16 hexadecimal digits in lower case. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/**
 * What tells a server of the span that asks it: a `traceparent` of version 00, whose flags that we do not know are 0
 * (§2.2.2.2.3), and the client's `tracestate` with it, if the trace is the client's.
 */
export function outgoingFields(
  { traceId, spanId, sampled }: AskingSpan,
  client: Pick<TraceContext, 'random' | 'state'> | null,
): HeaderList {
  const flags = (sampled ? SAMPLED : 0) | (client?.random === true ? RANDOM : 0);
  const parent = ['traceparent', `00-${traceId}-${spanId}-0${flags}`];
  return client === null ? parent : [...parent, ...client.state];
}
