/** Offsets in the file: from, and up to but not including. */
export type SourceRange = readonly [start: number, end: number];

/** A value of the file, and where it stands. */
export interface Located {
  readonly value: unknown;
  readonly range: SourceRange;
  /** Where its key stands; null for items of a list and for the whole file. */
  readonly keyRange: SourceRange | null;
  /** By key, or by index for a list. Empty for anything else. */
  readonly children: ReadonlyMap<string, Located>;
  /** Its mistake has been reported already: `value` means nothing. */
  readonly broken: boolean;
  /** The environment variables that the value was made from. */
  readonly variables: readonly string[];
  /** What a plain scalar says, where its variables have turned it into a number, a boolean or null. */
  readonly text: string | null;
  /** The variable that put it in place of what the file says; null for what the file says itself. */
  readonly override: string | null;
}

export type Path = readonly PropertyKey[];

/** The value at `path`; undefined where the file has none. */
export function locate(root: Located, path: Path): Located | undefined {
  let at: Located | undefined = root;
  for (const step of path) at = at?.children.get(String(step));
  return at;
}
