import type { Variable } from './environment.ts';

/** Any text. */
export function text(fallback: string): Variable<string> {
  return { expected: 'a text', fallback, parse: (value) => value };
}

/** A path of the file system, or null when unset. */
export function path(): Variable<string | null> {
  return { expected: 'a path', fallback: null, parse: (value) => value };
}

export function integer(fallback: number, min: number, max: number): Variable<number> {
  return {
    expected: `an integer from ${min} to ${max}`,
    fallback,
    parse(value) {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      return number >= min && number <= max ? number : undefined;
    },
  };
}

const millisecondsPer = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** A duration such as `250ms`, `2s`, `5m`, `1h`; the bounds and the result are milliseconds. */
export function duration(fallback: number, min: number, max: number): Variable<number> {
  return {
    expected: `a duration such as 250ms, 2s or 5m, from ${min}ms to ${max}ms`,
    fallback,
    parse(value) {
      const match = /^(\d{1,9})(ms|s|m|h)$/.exec(value);
      if (!match) return undefined;
      const milliseconds = Number(match[1]) * millisecondsPer[match[2] as keyof typeof millisecondsPer];
      return milliseconds >= min && milliseconds <= max ? milliseconds : undefined;
    },
  };
}

export function oneOf<const T extends string>(fallback: T, values: readonly T[]): Variable<T> {
  return {
    expected: `one of ${values.join(', ')}`,
    fallback,
    parse: (value) => values.find((candidate) => candidate === value),
  };
}

/** An absolute URL with the scheme `http` or `https`. */
export function httpUrl(fallback: string): Variable<string> {
  return {
    expected: 'a URL that begins with http:// or https://',
    fallback,
    parse: (value) => (/^https?:\/\//.test(value) && URL.canParse(value) ? value : undefined),
  };
}
