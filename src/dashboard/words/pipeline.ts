/** One stage of a route: `retry` and `3, 20%` of `retry(3, 20%)`. */
export interface Stage {
  readonly name: string;
  /** '' where there is nothing to say. */
  readonly detail: string;
}

/** The stages of a pipeline as the gateway writes it, `a(b) → c`; what stands in brackets is left as it is.
 * The last one is how it picks a target: `round_robin over 2 targets`. */
export function stagesOf(pipeline: string): readonly Stage[] {
  return pipeline.split(' → ').map((text) => {
    const over = text.indexOf(' over ');
    if (over !== -1) return { name: text.slice(0, over), detail: text.slice(over + 1) };
    const open = text.indexOf('(');
    if (open === -1 || !text.endsWith(')')) return { name: text, detail: '' };
    return { name: text.slice(0, open), detail: text.slice(open + 1, -1) };
  });
}
