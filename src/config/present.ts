/** Absent keys stay absent: null is not a value that the file could have for them. */
export function present(key: string, value: unknown): Record<string, unknown> {
  return value === null ? {} : { [key]: value };
}
