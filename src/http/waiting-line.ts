/** Who may stand in a line: the places beside it are its own fields, so that joining and leaving cost no memory. */
export interface Waiting<T> {
  before: T | null;
  behind: T | null;
  inLine: boolean;
}

/** First come, first served; anybody may leave from anywhere. */
export class WaitingLine<T extends Waiting<T>> {
  #first: T | null = null;
  #last: T | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Whoever waits longest; null when nobody does. */
  get first(): T | null {
    return this.#first;
  }

  join(one: T): void {
    one.inLine = true;
    one.before = this.#last;
    one.behind = null;
    if (this.#last === null) this.#first = one;
    else this.#last.behind = one;
    this.#last = one;
    this.#length++;
  }

  /** Does nothing when it is not in line. */
  leave(one: T): void {
    if (!one.inLine) return;
    one.inLine = false;
    if (one.before === null) this.#first = one.behind;
    else one.before.behind = one.behind;
    if (one.behind === null) this.#last = one.before;
    else one.behind.before = one.before;
    one.before = null;
    one.behind = null;
    this.#length--;
  }
}
