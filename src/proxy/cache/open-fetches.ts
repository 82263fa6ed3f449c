/** What can be told that its answer is outdated. */
export interface Outdatable {
  outdate(): void;
}

/** The fetches under way, by resource: an answer that was asked for before a change must not be stored after it. */
export class OpenFetches {
  readonly #open = new Map<string, Set<Outdatable>>();

  /** Resources that are being fetched. */
  get size(): number {
    return this.#open.size;
  }

  add(primary: string, fetch: Outdatable): void {
    const open = this.#open.get(primary);
    if (open === undefined) this.#open.set(primary, new Set([fetch]));
    else open.add(fetch);
  }

  delete(primary: string, fetch: Outdatable): void {
    const open = this.#open.get(primary);
    if (open?.delete(fetch) === true && open.size === 0) this.#open.delete(primary);
  }

  outdate(primary: string): void {
    for (const fetch of this.#open.get(primary) ?? []) fetch.outdate();
  }
}
