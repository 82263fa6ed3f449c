import { type LiveState, STARTING } from './live-state.ts';

type Listener = (state: LiveState) => void;

/**
 * Holds the state. Watchers are told at once; painters once a frame, and not at all while nobody sees the page: browsers
 * give hidden pages no frames.
 */
export class LiveStore {
  readonly #nextFrame: (paint: () => void) => void;
  #state = STARTING;
  readonly #watchers = new Set<Listener>();
  readonly #painters = new Set<Listener>();
  #awaited = false;

  /** @param nextFrame calls back when there is something to paint on */
  constructor(nextFrame: (paint: () => void) => void) {
    this.#nextFrame = nextFrame;
  }

  get state(): LiveState {
    return this.#state;
  }

  update(change: (state: LiveState) => LiveState): void {
    const next = change(this.#state);
    if (next === this.#state) return;
    this.#state = next;
    for (const watcher of this.#watchers) watcher(next);
    if (this.#awaited) return;
    this.#awaited = true;
    this.#nextFrame(() => {
      this.#awaited = false;
      for (const painter of this.#painters) painter(this.#state);
    });
  }

  /** @returns ends it */
  watch(watcher: Listener): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** @returns ends it */
  paint(painter: Listener): () => void {
    this.#painters.add(painter);
    return () => this.#painters.delete(painter);
  }
}
