import type { Environment } from '../../config/yaml/environment-references.ts';
import type { Screen } from '../command-io.ts';

/** Columns that a line may take: those of the terminal. Into a file or a pipe nothing is cut, unless COLUMNS says so. */
export function screenWidth({ isTTY, columns }: Screen, env: Environment): number {
  // A terminal that does not know its size says 0.
  if (isTTY === true && columns !== undefined && columns > 0) return columns;
  const given = Number(env.COLUMNS);
  return Number.isInteger(given) && given > 0 ? given : Number.POSITIVE_INFINITY;
}
