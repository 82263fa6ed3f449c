/** Null when two values are the same; else the lines of each, as JSON, that are not the other's. */
export function lineDifference(
  oneName: string,
  one: unknown,
  otherName: string,
  other: unknown,
): string | null {
  const [left, right] = [JSON.stringify(one, null, 1), JSON.stringify(other, null, 1)];
  if (left === right) return null;
  const lacking = (text: string, from: string) => {
    const lines = new Set(from.split('\n'));
    const only = text.split('\n').filter((line) => !lines.has(line));
    return only.length > 0 ? only.join('\n') : '  the same lines in another order, or number';
  };
  return `${oneName}:\n${lacking(left, right)}\n${otherName}:\n${lacking(right, left)}`;
}
