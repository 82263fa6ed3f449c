export { Backoff, type BackoffOptions, type Jitter } from './backoff.ts';
export { type BatchOptions, batch } from './batch.ts';
export type {
  BreakerCall,
  BreakerEventMap,
  BreakerListener,
  BreakerRejection,
  BreakerWouldOpen,
  ListenerError,
} from './breaker/breaker-events.ts';
export type {
  CircuitBreakerOptions,
  CountWindowOptions,
  OpenTimeOptions,
  ResolvedBreakerOptions,
  TimeWindowOptions,
  WindowOptions,
} from './breaker/breaker-options.ts';
export { type Permit, REFUSED } from './breaker/gate.ts';
export { wordsNeeded } from './breaker/layout.ts';
export type { SavedBreaker } from './breaker/saved-breaker.ts';
export type { BreakerCondition, BreakerHealth, BreakersHealth } from './breaker-health.ts';
export {
  BREAKER_PROFILES,
  type BreakerProfile,
  BreakerRegistry,
  type BreakerRegistryOptions,
} from './breaker-registry.ts';
export type {
  BreakerMode,
  BreakerReason,
  BreakerRule,
  BreakerSnapshot,
  BreakerState,
  BreakerTotals,
  BreakerTransition,
  ForcedState,
  OpeningRule,
  Outcome,
} from './breaker-snapshot.ts';
export type { BreakerActivity, BreakerSummary } from './breaker-summary.ts';
export { bulkheadWords } from './bulkhead/shared-slots.ts';
export { Bulkhead, type BulkheadOptions, type BulkheadSnapshot } from './bulkhead.ts';
export { Cache, type CacheAnswer, type CacheOptions, type CacheSnapshot } from './cache.ts';
export { type CacheKey, type CacheStore, cacheKey, type StoredValue } from './cache-store.ts';
export { CircuitBreaker } from './circuit-breaker.ts';
export { type Clock, ManualClock, systemClock } from './clock.ts';
export { compose } from './compose.ts';
export { Deadline, type DeadlineOptions, deadlineOf } from './deadline.ts';
export {
  BreakerOpenError,
  BulkheadFullError,
  BulkheadQueueTimeoutError,
  InvalidOptionError,
  ResilienceError,
  TimeoutError,
} from './errors.ts';
export { Fallback, type FallbackAnswer, type FallbackOptions, type FallbackStep } from './fallback.ts';
export { GuardedStore } from './guarded-store.ts';
export { MemoryStore, type MemoryStoreOptions } from './memory-store.ts';
export { Policy, type PolicyAnswer, type PolicyCall, type PolicyOptions, SAFE_ORDER } from './policy.ts';
export {
  BatchError,
  type BatchFailure,
  type BatchReport,
  type BatchStop,
  type BatchSuccess,
  FallbackExhaustedError,
  NothingThereError,
  type StepFailure,
} from './policy-errors.ts';
export { isWorthRetrying, Retry, type RetryEvent, type RetryOptions } from './retry.ts';
export {
  RetryBudget,
  type RetryBudgetOptions,
  type RetryBudgetSnapshot,
  retryBudgetWords,
} from './retry-budget.ts';
export type { GiveUpReason, RetryRun } from './retry-run.ts';
export type { ThreadPlace } from './thread-place.ts';
export { Timeout, type TimeoutOptions, withTimeout } from './timeout.ts';
export { backgroundTimer, type StopTimer, type Timer, waitingTimer } from './timer.ts';
export type { CallOptions, Layer, Work } from './work.ts';
