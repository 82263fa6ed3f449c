import { setTimeout as sleep } from 'node:timers/promises';
import type { BreakerSummary } from '../../src/resilience/index.ts';
import { startObjectStore } from './object-store-server.ts';
import { ReviewService } from './review-service.ts';

/**
 * Three clients, three breakers, one report. Run it: node examples/review-service/main.ts, with REDIS_URL set if
 * there is a Redis server. Without one the service works too, which is the point.
 */

const store = await startObjectStore();
const service = new ReviewService({
  databasePath: ':memory:',
  redisUrl: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379',
  bucketUrl: store.bucketUrl,
  environment: process.env,
});
const { manager } = service;
manager.breakers.onTransition(({ breaker, from, to, reason }) =>
  console.log(`    breaker ${breaker}: ${from} → ${to} (${reason.message})`),
);
manager.reportEvery(200, (summary) => console.log(`  summary: ${inWords(summary)}`));
await service.cache.connection.ready(AbortSignal.timeout(1000)).catch(() => {
  console.log('There is no Redis server; the cache is gone without.');
});

await service.add({ id: 'r1', course: 'sailing', stars: 5, text: 'Wet, but worth it' });
for (let call = 0; call < 3; call++) {
  const { reviews, source } = await service.ofCourse('sailing');
  console.log(`${reviews.length} review from the ${source}`);
}

await service.photos.put('r1.jpg', new Uint8Array([0xff, 0xd8]));
console.log(`photo of ${(await service.photos.get('r1.jpg'))?.length} bytes`);

console.log('The object store breaks; reviews do not notice:');
store.broken = true;
for (let call = 0; call < 6; call++) {
  const outcome = await service.photos.get('r1.jpg').catch((error: Error) => error.message);
  console.log(`  photo: ${outcome}`);
}
console.log(`  ${(await service.ofCourse('sailing')).reviews.length} review`);
console.log(`  health: ${manager.health().status}`);

await sleep(250);
service.close();
await store.close();

function inWords({ breakers }: BreakerSummary): string {
  return breakers
    .map(
      ({ name, state, successes, failures, rejections, avgMs }) =>
        `${name} ${state} ${successes}/${failures}/${rejections}${avgMs === null ? '' : ` ${avgMs.toFixed(1)} ms`}`,
    )
    .join(' · ');
}
