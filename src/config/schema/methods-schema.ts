import { text } from './field.ts';
import { listOf } from './list-of.ts';
import { parseMethod } from './names.ts';

/** A list of methods; `absent` is what the manual says of its default. */
export function methodsSchema(options: { doc: string; empty: string; absent: string | null }) {
  return listOf(text({ doc: 'A method.', type: 'method', parse: parseMethod }), {
    ...options,
    type: 'list of methods',
    example: 'a list of methods such as [GET, POST]',
  });
}
