import type { InboundRequest } from '../http/message.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, '': 1000 };

/** https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, "Timeout": up to eight digits and a unit. */
const GRPC_UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/**
 * How long the client is going to wait, in milliseconds: `X-Request-Timeout` (`250ms`, `5s`, `1m`; a bare number means
 * seconds) or `grpc-timeout`, the shorter one. Infinity when it says nothing, or nothing that can be read: a wish is no
 * reason to refuse a request.
 */
export function clientDeadlineMs(request: Pick<InboundRequest, 'header'>): number {
  return Math.min(
    parse(request.header('x-request-timeout'), /^([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|)$/, UNIT_MS),
    parse(request.header('grpc-timeout'), /^([0-9]{1,8})([HMSmun])$/, GRPC_UNIT_MS),
  );
}

function parse(value: string | undefined, form: RegExp, units: Readonly<Record<string, number>>): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  const [, digits, unit] = form.exec(value.trim()) ?? [];
  const ms = digits === undefined ? 0 : Number(digits) * (units[unit as string] as number);
  // Nobody asks for an answer in no time at all; where 0 is written, it is meant as "no limit".
  return ms > 0 ? ms : Number.POSITIVE_INFINITY;
}
