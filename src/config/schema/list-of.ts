import { z } from 'zod';
import { described, show } from './field.ts';

interface ListOptions {
  readonly doc: string;
  /** `list of methods`. */
  readonly type: string;
  /** What one looks like: `a list of methods such as [GET, POST]`. */
  readonly example: string;
  /** Said about an empty list; null where that is allowed. */
  readonly empty: string | null;
  /** As the manual shows it; null where absence means something of its own, which `doc` says. */
  readonly absent: string | null;
}

/** An optional list, of which each item is checked by itself. What holds where it is absent is the resolver's. */
export function listOf<Out, In>(
  item: z.ZodType<Out, In>,
  options: ListOptions,
): z.ZodOptional<z.ZodArray<z.ZodType<Out, In>>> {
  const { doc, type, example, empty, absent } = options;
  const list = z.array(item, { error: ({ input }) => `must be ${example}, not ${show(input)}` });
  return described((empty === null ? list : list.min(1, { error: empty })).optional(), {
    doc: absent === null ? doc : `${doc} Default: ${absent}.`,
    type,
    bounds: null,
    default: absent,
  });
}
