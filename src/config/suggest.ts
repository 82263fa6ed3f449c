/** More names than this are not compared: with thousands on both sides it would take minutes. */
const MAX_CANDIDATES = 1000;

/** What to say about a name that is not there: the one probably meant, else those that there are. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const near = suggest(word, candidates.slice(0, MAX_CANDIDATES));
  if (near !== null) return `did you mean "${near}"?`;
  if (candidates.length === 0) return 'there is none';
  const more = candidates.length > 20 ? ` and ${candidates.length - 20} more` : '';
  return `known here: ${candidates.slice(0, 20).join(', ')}${more}`;
}

/** The candidate that was probably meant, or null when none is near enough. */
export function suggest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  // A third of the word may be wrong: beyond that, suggestions mislead more often than they help.
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment) from one to the other. */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (swapped) cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length]!;
}
