import { type Draft, draftAt, pathText } from '../draft.ts';
import { bulkheadFieldsSchema, poolNameSchema } from '../schema/bulkhead-schema.ts';
import { suggestion } from '../suggest.ts';
import { type Located, locate, type Path } from '../yaml/located.ts';
import { entries, valid } from './valid.ts';

/** Pools that are not there, and two that logs and metrics could not tell apart. */
export function checkBulkheads(root: Located): Draft[] {
  const pools = entries(root, ['bulkheads']).map(([name]) => name);
  const drafts: Draft[] = [];
  for (const [upstream, located] of entries(root, ['upstreams'])) {
    const path = ['upstreams', upstream, 'bulkhead'];
    drafts.push(...checkPool(root, path, pools));
    if (!pools.includes(upstream) || valid(root, path, bulkheadFieldsSchema) === undefined) continue;
    const own = locate(root, path) ?? located;
    const message = `${pathText(path)} would be named like the pool "${upstream}" in bulkheads; write bulkhead: ${upstream}, or rename the pool`;
    drafts.push(draftAt(own, 'INVALID_VALUE', message, own.keyRange ?? own.range));
  }
  for (const [index] of entries(root, ['routes'])) {
    const path = ['routes', Number(index), 'bulkhead'];
    for (const place of [path, [...path, 'read'], [...path, 'write']])
      drafts.push(...checkPool(root, place, pools));
  }
  return drafts;
}

function checkPool(root: Located, path: Path, pools: readonly string[]): Draft[] {
  const name = valid(root, path, poolNameSchema);
  if (name === undefined || pools.includes(name)) return [];
  const message = `${pathText(path)}: there is no pool "${name}" in bulkheads; ${suggestion(name, pools)}`;
  return [draftAt(locate(root, path)!, 'UNKNOWN_BULKHEAD', message)];
}
