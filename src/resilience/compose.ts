import { type CallOptions, type Layer, signalOf, type Work } from './work.ts';

/**
 * Layers as one, in any order you like: reads from the outermost to the innermost. `policy` has the order that is
 * safe; use this where you know why yours is another.
 */
export function compose(...layers: readonly Layer[]): Layer {
  const [outermost, ...rest] = layers;
  if (outermost === undefined) return NO_LAYER;
  if (rest.length === 0) return outermost;
  const inner = compose(...rest);
  return {
    execute: <T>(work: Work<T>, options?: CallOptions): Promise<T> =>
      outermost.execute((signal) => inner.execute(work, { signal }), options),
  };
}

const NO_LAYER: Layer = {
  execute: async <T>(work: Work<T>, options?: CallOptions): Promise<T> => work(signalOf(options)),
};
