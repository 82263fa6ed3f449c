import { MongoClient } from 'mongodb';
import type { Variable } from '../shared/environment.ts';

/** A connection string that the driver understands; null when unset. */
export const mongodbUrl: Variable<string | null> = {
  expected: 'a MongoDB connection string such as mongodb://127.0.0.1:27017/auth',
  fallback: null,
  parse(value) {
    try {
      // The driver has no other check of its own; nothing is connected by this.
      new MongoClient(value);
      return value;
    } catch {
      return undefined;
    }
  },
};
