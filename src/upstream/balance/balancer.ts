import type { Verdict } from '../classify.ts';

/** What balancing goes by. */
export interface Candidate {
  /** Stands for the target wherever it is hashed, so that every process agrees. */
  readonly url: string;
  /** Its share, against those of the others; over 0. */
  readonly weight: number;
  /** Attempts under way. */
  readonly inFlight: number;
}

/** One way to choose. It knows nothing of health: who may be chosen is decided before. */
export interface Balancer {
  /** @param candidates one or more */
  pick<T extends Candidate>(candidates: readonly T[], hashKey: string | null): T;
  /** An attempt was judged. Only where the choice goes by it. */
  judged?(target: Candidate, verdict: Verdict, latencyMs: number | undefined): void;
}
