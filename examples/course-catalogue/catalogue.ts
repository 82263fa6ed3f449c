import {
  Cache,
  type CallOptions,
  Fallback,
  type FallbackAnswer,
  type FallbackStep,
  GuardedStore,
  type Layer,
  MemoryStore,
} from '../../src/resilience/index.ts';
import type { Platform } from './platform.ts';

export interface Course {
  readonly id: string;
  readonly title: string;
}

/** The platform's database, as far as courses go. */
export interface CourseDatabase {
  find(id: string, signal: AbortSignal): Promise<Course | undefined>;
  save(course: Course, signal: AbortSignal): Promise<void>;
}

/** There is no such course. An answer, not a breakdown: nothing may stand in for it. */
export class CourseNotFoundError extends Error {
  override readonly name = 'CourseNotFoundError';
}

export interface CatalogueOptions {
  readonly platform: Platform;
  readonly database: CourseDatabase;
  /** Courses that are shipped with the program. */
  readonly shipped: ReadonlyMap<string, Course>;
  /** In development a made-up course is better than none; in production it would be a lie. */
  readonly environment: 'development' | 'production';
}

const DATABASE_TIMEOUT_MS = 2000;
const CACHE_TIMEOUT_MS = 100;
/** A course in the cache may stand in for the database for so long. */
const FRESH_ENOUGH_MS = 5 * 60_000;

/** Courses from the database; while it cannot answer: live → cache → static → mock. */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #writes: Layer;
  readonly #cache: Cache<Course>;
  readonly #chain: Fallback<string, Course>;

  constructor(options: CatalogueOptions) {
    const { platform, database, shipped, environment } = options;
    const { clock, timer } = platform.time;
    this.#options = options;
    this.#writes = platform.guard('write', 'database', DATABASE_TIMEOUT_MS);
    const reads = platform.guard('read', 'database', DATABASE_TIMEOUT_MS);
    this.#cache = new Cache({
      ttlMs: FRESH_ENOUGH_MS,
      // In memory here; a RedisStore from breakwater/redis takes the same place.
      store: new GuardedStore(
        new MemoryStore<Course>({ maxEntries: 10_000, clock }),
        platform.guard('read', 'cache', CACHE_TIMEOUT_MS),
      ),
      timer,
    });
    const mock: FallbackStep<string, Course> = {
      name: 'mock',
      run: (id) => ({ id, title: `Made-up course ${id}` }),
    };
    this.#chain = new Fallback<string, Course>({
      name: 'course',
      steps: [
        { name: 'live', run: (id, signal) => this.#live(id, reads, database, signal) },
        { name: 'cache', run: async (id) => (await this.#cache.peek(id))?.value },
        { name: 'static', run: (id) => shipped.get(id) },
        ...(environment === 'development' ? [mock] : []),
      ],
      fallsBack: (error) => !(error instanceof CourseNotFoundError),
    });
  }

  /**
   * @returns the course, and which step gave it
   * @throws CourseNotFoundError; FallbackExhaustedError when nothing can stand in for the database
   */
  find(id: string, options: CallOptions = {}): Promise<FallbackAnswer<Course>> {
    return this.#chain.execute(id, options);
  }

  /** Writes have no fallback: pretending to have saved something is worse than an error. */
  async save(course: Course, options: CallOptions = {}): Promise<void> {
    await this.#writes.execute((signal) => this.#options.database.save(course, signal), options);
    await this.#cache.set(course.id, course);
  }

  /** How often each step answered. */
  usage(): ReturnType<Fallback<string, Course>['snapshot']> {
    return this.#chain.snapshot();
  }

  async #live(id: string, guard: Layer, database: CourseDatabase, signal: AbortSignal): Promise<Course> {
    const course = await guard.execute((bounded) => database.find(id, bounded), { signal });
    if (course === undefined) throw new CourseNotFoundError(`There is no course ${id}`);
    await this.#cache.set(id, course);
    return course;
  }
}
