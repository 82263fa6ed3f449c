/** Name of the circuit breaker before the Redis of the cache. */
export const CACHE_BREAKER = 'cache';
