import type { Memory } from '../resilience/breaker/memory.ts';

/**
 * Where everything stands in a target's memory: 32-bit words, all zero for one that has seen nothing. Times are monotonic
 * milliseconds that wrap around, unless they are shown to people.
 *
 * The first two are one 64-bit word. EJECTIONS: beginnings and ends, so that it is odd while ejected. EJECTION_AT: until
 * when, or when the last one ended.
 */
export const EJECTIONS = 0;
export const EJECTION_AT = 1;
export const EJECTION_STREAK = 2;
export const EJECTION_TIMES = 3;
export const EJECTION_MS = 4;

export const FAILURES = 5;
export const CONSECUTIVE_FAILURES = 6;
/** Unix milliseconds, two words. */
export const LAST_FAILURE_AT = 7;
/** When its weight began to grow; 0: it is whole. */
export const RAMP_FROM = 9;

export const UNHEALTHY = 10;
export const CONTRARY = 11;
/** Probes that had a result, and what the last one was. */
export const PROBES = 12;
export const PROBE_OK = 13;
export const PROBE_US = 14;
/** Unix milliseconds, two words. */
export const PROBE_AT = 15;

/** Then for each thread its attempts, started and under way, which only that thread writes. */
const ATTEMPTS = 18;

/** Where the attempts of a thread stand: those started, and after them those under way. */
export const attemptsOf = (thread: number): number => ATTEMPTS + 2 * thread;

/** @returns how many 32-bit words a target takes that so many threads share; even, so that the next one is aligned */
export function targetWords(threads: number): number {
  return attemptsOf(threads);
}

export function storeUnixMs(memory: Memory, index: number, ms: number): void {
  memory.store(index + 1, Math.floor(ms / 2 ** 32));
  memory.store(index, ms | 0);
}

/** 0: never. */
export function loadUnixMs(memory: Memory, index: number): number {
  return memory.load(index + 1) * 2 ** 32 + (memory.load(index) >>> 0);
}

/** Clocks of threads agree to a millisecond, so that what another has just noted may lie ahead. */
const AHEAD_MS = 1_000;

/** @param now monotonic milliseconds; @param since the same, wrapped around: 49 days ago at most */
export function msSince(now: number, since: number): number {
  const ms = ((now | 0) - since) | 0;
  return ms < 0 && ms > -AHEAD_MS ? 0 : ms >>> 0;
}
