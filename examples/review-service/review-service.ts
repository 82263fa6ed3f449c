import type { CallOptions } from '../../src/resilience/index.ts';
import { ClientManager, type ClientManagerOptions } from './client-manager.ts';
import { PhotoStore } from './photo-store.ts';
import { ReviewCache } from './review-cache.ts';
import { type Review, ReviewDatabase } from './review-database.ts';

export interface ReviewServiceOptions extends ClientManagerOptions {
  readonly databasePath: string;
  readonly redisUrl: string;
  readonly bucketUrl: string;
}

/** Reviews of courses: in a database, cached in Redis, with photos in an object store. */
export class ReviewService {
  readonly manager: ClientManager;
  readonly photos: PhotoStore;
  readonly cache: ReviewCache;
  readonly database: ReviewDatabase;

  constructor(options: ReviewServiceOptions) {
    this.manager = new ClientManager(options);
    this.database = new ReviewDatabase(options.databasePath, this.manager);
    this.cache = new ReviewCache(options.redisUrl, this.manager);
    this.photos = new PhotoStore(options.bucketUrl, this.manager);
  }

  async add(review: Review, options?: CallOptions): Promise<void> {
    await this.database.save(review, options);
    await this.cache.forget(review.course);
  }

  async ofCourse(
    course: string,
    options?: CallOptions,
  ): Promise<{ readonly reviews: readonly Review[]; readonly source: 'cache' | 'database' }> {
    const cached = await this.cache.ofCourse(course);
    if (cached !== undefined) return { reviews: cached, source: 'cache' };
    const reviews = await this.database.ofCourse(course, options);
    await this.cache.keep(course, reviews);
    return { reviews, source: 'database' };
  }

  close(): void {
    this.manager.close();
    this.cache.close();
    this.database.close();
  }
}
