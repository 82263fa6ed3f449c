import { type Draft, draftAt, pathText } from '../draft.ts';
import { targetSchema, urlSchema } from '../schema/upstream-schema.ts';
import type { Located } from '../yaml/located.ts';
import { entries, valid } from './valid.ts';

/** The same target twice in one upstream: counters and health could not tell them apart. */
export function checkTargets(root: Located): Draft[] {
  const drafts: Draft[] = [];
  for (const [upstream] of entries(root, ['upstreams'])) {
    const list = ['upstreams', upstream, 'targets'];
    const seen = new Set<string>();
    for (const [index, located] of entries(root, list)) {
      const path = [...list, Number(index)];
      const target = valid(root, path, urlSchema) ?? valid(root, [...path, 'url'], targetSchema.shape.url);
      if (target === undefined) continue;
      if (seen.has(target.url)) {
        const message = `${pathText(path)} is listed twice; "weight" gives a target more of the requests`;
        drafts.push(draftAt(located, 'DUPLICATE_TARGET', message));
      }
      seen.add(target.url);
    }
  }
  return drafts;
}
