import type { z } from 'zod';
import { type Located, locate, type Path } from '../yaml/located.ts';

/** The value at `path` if it is there and its own schema is content with it. */
export function valid<Out>(root: Located, path: Path, schema: z.ZodType<Out>): Out | undefined {
  const located = locate(root, path);
  if (located === undefined || located.broken) return undefined;
  const parent = locate(root, path.slice(0, -1))?.value as Record<PropertyKey, unknown>;
  return schema.safeParse(parent[path.at(-1)!]).data;
}

/** The keys under `path`; none where there is no mapping. */
export function entries(root: Located, path: Path): [key: string, located: Located][] {
  return [...(locate(root, path)?.children ?? [])];
}
