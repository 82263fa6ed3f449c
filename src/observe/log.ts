import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from '../config/gateway-config.ts';
import type { BreakerState, BreakerTransition, BreakerWouldOpen } from '../resilience/index.ts';
import type { TargetEvent } from '../upstream/target-events.ts';
import type { DroppedLines } from './dropped-lines.ts';
import type { LineFormat } from './line-format.ts';
import { LineOutput } from './line-output.ts';

export type { Logger } from 'pino';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Null: JSON. @default null */
  readonly format?: LineFormat | null;
  /** @default standard output, written without blocking; at exit the process waits for lines on their way */
  readonly destination?: DestinationStream;
  /** Where lines are counted that standard output had no room for. @default nowhere */
  readonly dropped?: DroppedLines;
}

/** The gateway's log: JSON lines with the level by name and the time in ISO 8601, for people and collectors alike. */
export function createLogger({ level, format = null, destination, dropped }: LoggerOptions): Logger {
  const output = destination ?? standardOutput(dropped);
  return pino(
    {
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    format === null ? output : { write: (line) => output.write(format(line)) },
  );
}

function standardOutput(dropped: DroppedLines | undefined): DestinationStream {
  const output = LineOutput.standard();
  return {
    write: (line) => {
      if (!output.write(line)) dropped?.add('gateway', 1);
    },
  };
}

/** What the log needs of a circuit breaker. */
export interface TransitionSource {
  on(event: 'transition', listener: (transition: BreakerTransition) => void): () => void;
}

const STATE_IN_TEXT: Readonly<Record<BreakerState, string>> = {
  CLOSED: 'CLOSED',
  HALF_OPEN: 'HALF_OPEN',
  OPEN: 'OPENED',
};

/**
 * Writes one line per transition of the breaker. Operators search for the text, so it never changes; programs read
 * the fields.
 *
 * @returns takes the subscription back
 */
export function logTransitions(breaker: TransitionSource, logger: Logger): () => void {
  return breaker.on('transition', ({ breaker: name, from, to, reason, counts }) => {
    const text = `[CIRCUIT_BREAKER] ${name} circuit breaker ${STATE_IN_TEXT[to]}: ${reason.message}`;
    const fields = { breaker: name, from, to, reason, counts };
    if (to === 'OPEN') logger.warn(fields, text);
    else logger.info(fields, text);
  });
}

/** What the log needs of a circuit breaker that only observes. */
export interface WouldOpenSource {
  on(event: 'would_open', listener: (event: BreakerWouldOpen) => void): () => void;
}

/**
 * Writes one line each time that a breaker in mode `observe` would have opened. The text is like that of an opening,
 * but never the same: an alert on openings must not fire.
 *
 * @returns takes the subscription back
 */
export function logWouldOpen(breaker: WouldOpenSource, logger: Logger): () => void {
  return breaker.on('would_open', ({ breaker: name, reason, counts, retryAfterMs }) => {
    logger.warn(
      { event: 'would_open', breaker: name, reason, counts, would_refuse_for_ms: retryAfterMs },
      `[CIRCUIT_BREAKER] ${name} circuit breaker WOULD_OPEN: ${reason.message}`,
    );
  });
}

/** What the log needs of an upstream. */
export interface TargetSource {
  on(listener: (event: TargetEvent) => void): () => void;
}

/** Taken out of rotation, or not found any more: somebody should look. */
const WARNED: ReadonlySet<TargetEvent['type']> = new Set(['ejected', 'unhealthy', 'dns_failed']);

/**
 * Writes one line each time that a target leaves or joins the rotation.
 *
 * @returns takes the subscription back
 */
export function logTargets(upstream: TargetSource, logger: Logger): () => void {
  return upstream.on(({ type, upstream: name, target, reason }) => {
    const fields = { event: `target_${type}`, upstream: name, target, reason };
    const text = `[TARGET] ${name} ${target} ${type.toUpperCase()}: ${reason}`;
    if (WARNED.has(type)) logger.warn(fields, text);
    else logger.info(fields, text);
  });
}
