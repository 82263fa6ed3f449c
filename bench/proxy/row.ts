import type { Sample, Subject } from './scene.ts';

/** What became of a subject in a scene. */
export interface Row {
  readonly subject: Subject;
  readonly samples: readonly Sample[];
  /** After the warm-up; null when it did not come that far. */
  readonly rssBytes: number | null;
  /** The most since then. */
  readonly peakBytes: number | null;
  /** Why there is no measurement; null when there is. */
  readonly problem: string | null;
}

export interface SceneResult {
  readonly scene: string;
  readonly rows: readonly Row[];
}
