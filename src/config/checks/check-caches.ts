import { type Draft, draftAt, pathText } from '../draft.ts';
import { routeCacheSchema } from '../schema/route-cache-schema.ts';
import { routeSchema } from '../schema/route-schema.ts';
import { type Located, locate } from '../yaml/located.ts';
import { entries, valid } from './valid.ts';

/** Caches of routes whose requests no cache has an answer for. */
export function checkCaches(root: Located): Draft[] {
  const drafts: Draft[] = [];
  for (const [index] of entries(root, ['routes'])) {
    const route = ['routes', Number(index)];
    const path = [...route, 'cache'];
    const cache = valid(root, path, routeCacheSchema);
    const methods = valid(root, [...route, 'methods'], routeSchema.shape.methods);
    if (cache === undefined || cache === false || methods === undefined) continue;
    if (methods.includes('GET') || methods.includes('HEAD')) continue;
    const message = `${pathText(path)} never answers: it is for GET and HEAD, and the route takes ${methods.join(', ')}`;
    drafts.push(draftAt(locate(root, path)!, 'INVALID_VALUE', message));
  }
  return drafts;
}
