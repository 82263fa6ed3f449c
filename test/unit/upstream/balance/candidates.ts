/** Candidates `a`, `b`, … with these weights and nothing to do; both may be changed. */
export function candidates(...weights: number[]) {
  return weights.map((weight, at) => ({ url: String.fromCharCode(97 + at), weight, inFlight: 0 }));
}

/** How many of `count` picks each candidate got. */
export function shares<T extends { readonly url: string }>(
  among: readonly T[],
  pick: (nth: number) => T,
  count: number,
): number[] {
  const counts = new Map(among.map(({ url }) => [url, 0]));
  for (let nth = 0; nth < count; nth++) {
    const { url } = pick(nth);
    counts.set(url, counts.get(url)! + 1);
  }
  return [...counts.values()];
}
