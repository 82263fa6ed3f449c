/** Counts, for each resource, the changes that make what is stored of it doubtful. */
export interface ChangeMarks {
  /** Another number after every change. */
  of(primary: string): number;
  changed(primary: string): void;
}

/** For a cache that nobody else writes around: it hears of every change itself. */
export const NO_MARKS: ChangeMarks = { of: () => 0, changed: () => {} };
