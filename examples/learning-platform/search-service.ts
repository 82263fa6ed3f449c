import { courses } from './courses.ts';
import { notFound, serveJson } from './json-server.ts';

/** Finds courses by the words of their titles: an index in memory, which is what makes it a cache. */

const index = new Map<string, string[]>();
for (const { id, title } of courses) {
  for (const word of title.toLowerCase().split(' ')) index.set(word, [...(index.get(word) ?? []), id]);
}

serveJson(9002, ({ pathname, searchParams }) => {
  if (pathname !== '/search') return notFound;
  const word = (searchParams.get('q') ?? '').toLowerCase();
  return { status: 200, body: { found: index.get(word) ?? [], complete: true } };
});
