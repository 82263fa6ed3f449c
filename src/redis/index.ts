export { type RedisClient, RedisConnection, type RedisConnectionOptions } from './redis-connection.ts';
export { RedisStore, type RedisStoreOptions } from './redis-store.ts';
